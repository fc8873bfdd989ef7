"""Tokens and proofs, made by another library than the one that is tested."""

import base64
import datetime
import hashlib
import hmac
import json
import os
import secrets
import ssl
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET = "a secret of at least thirty-two bytes"
PEPPER = "a pepper of sixteen bytes or more"
AUDIENCE, ISSUER = "https://api.example", "https://login.example"
MINT = os.environ.get("MINT", "")


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else data.encode()).rstrip(b"=").decode()


def claims(**more):
    now = int(time.time())
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300, "jti": secrets.token_hex(8)}
    made.update(more)
    return {name: value for name, value in made.items() if value is not None}


class Secret:
    """HS256 under a text."""

    alg = "HS256"

    def __init__(self, text=SECRET):
        self.text = text if isinstance(text, bytes) else text.encode()
        self.jwk = {"kty": "oct", "alg": "HS256", "k": b64(self.text)}

    def sign(self, text):
        return hmac.digest(self.text, text, "sha256")


class Curve:
    """ES256 under a new key."""

    alg = "ES256"

    def __init__(self, kid=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        self.jwk = {
            "kty": "EC",
            "crv": "P-256",
            "x": b64(numbers.x.to_bytes(32, "big")),
            "y": b64(numbers.y.to_bytes(32, "big")),
        }
        self.public = dict(self.jwk, alg="ES256", **({"kid": kid} if kid else {}))
        self.kid = kid
        self.pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, text):
        r, s = decode_dss_signature(self.key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def thumbprint(self):
        return b64(hashlib.sha256(json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()).digest())


class Rsa:
    """RS256 under a new key."""

    alg = "RS256"

    def __init__(self):
        self.key = rsa.generate_private_key(65537, 2048)
        self.pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        n = self.key.public_key().public_numbers().n
        self.public = {"kty": "RSA", "alg": "RS256", "n": b64(n.to_bytes(256, "big")), "e": "AQAB"}

    def sign(self, text):
        return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())


def token(key, payload, **header):
    if getattr(key, "kid", None):
        header.setdefault("kid", key.kid)
    head = dict({"alg": key.alg}, **header)
    text = b64(json.dumps(head)) + "." + b64(json.dumps(payload) if isinstance(payload, dict) else payload)
    return text + "." + b64(key.sign(text.encode()))


def sealed(inner, key, **header):
    """A JWE around a token: dir, A256GCM."""
    head = b64(json.dumps(dict({"alg": "dir", "enc": "A256GCM", "cty": "JWT"}, **header)))
    iv = secrets.token_bytes(12)
    text = AESGCM(key).encrypt(iv, inner.encode(), head.encode())
    return ".".join([head, "", b64(iv), b64(text[:-16]), b64(text[-16:])])


def proof(key, method, uri, of=None, **more):
    """A DPoP proof (RFC 9449 4.2)."""
    payload = {"jti": secrets.token_hex(12), "htm": method, "htu": uri, "iat": int(time.time())}
    if of is not None:
        payload["ath"] = b64(hashlib.sha256(of.encode()).digest())
    payload.update(more)
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk}
    text = b64(json.dumps(head)) + "." + b64(json.dumps(payload))
    return text + "." + b64(key.sign(text.encode()))


def marked(preset, address, fields, page=""):
    """A token that is bound to a client's fingerprint, by the core's own minter."""
    arguments = [item for field in fields for item in field]
    return subprocess.run(
        [MINT, SECRET, str(preset), PEPPER, json.dumps(claims()), address, page, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    ).stdout


def certificate(name):
    """A self-signed certificate and its key, as PEM, and its DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.datetime.utcnow() - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, secret, made.public_bytes(serialization.Encoding.DER)


def tls(files=None):
    """A client's side of TLS, with its certificate and key if it has them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if files:
        context.load_cert_chain(*files)
    return context
