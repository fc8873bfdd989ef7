#!/usr/bin/env python3
"""Writes tokens.h: tokens with one named flaw each and the verdict that each must get.

Independent of Countermark: HMAC and SHA-2 of Python's library, and ECDSA on P-256 from its definition (SEC 1 4.1.3) in slow
integers. Usage: tokens.py FEATURE,FEATURE,... > tokens.h
"""

import base64
import hashlib
import hmac
import json
import sys

NOW = 1_900_000_000
SECRET = b"a secret of sixty-four bytes, long enough for HMAC with SHA-512."
PEPPER = b"a pepper of more than 16 bytes"
SCALAR = int.from_bytes(bytes([7] * 32), "big")
AUDIENCE = "https://device.example"
HEADERS = [
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept-Language", "en-GB,en;q=0.5"),
]
RECIPE = ["user-agent", "accept-language", "sec-ch-ua", "sec-ch-ua-platform", "sec-ch-ua-mobile"]
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}

# P-256 (SEC 2 2.4.2).
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add(left, right):
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if left == right:
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def times(scalar, point):
    total = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def ecdsa(message):
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    # Any k will do that nobody can guess; these keys protect nothing.
    k = int.from_bytes(hashlib.sha256(b"k" + message).digest(), "big") % (N - 1) + 1
    r = times(k, G)[0] % N
    s = pow(k, -1, N) * (digest + r * SCALAR) % N
    return r, s


def public():
    x, y = times(SCALAR, G)
    return x.to_bytes(32, "big"), y.to_bytes(32, "big")


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(algorithm, message):
    if algorithm in HASHES:
        return hmac.new(SECRET, message, HASHES[algorithm]).digest()
    r, s = ecdsa(message)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


CLAIMS = {"iss": "https://login.example", "sub": "alice", "aud": AUDIENCE, "exp": NOW + 600, "iat": NOW}


def token(algorithm="HS256", header=None, payload=None, change=lambda signature: signature, **claims):
    """`change` spoils the signature after signing; claims of None are left out."""
    header = {"alg": algorithm, "typ": "JWT"} if header is None else header
    if payload is None:
        payload = json.dumps({name: value for name, value in (CLAIMS | claims).items() if value is not None})
    message = text(json.dumps(header).encode()) + "." + text(payload.encode())
    return message + "." + text(change(sign(algorithm, message.encode())))


def flipped(position):
    return lambda signature: signature[:position] + bytes([signature[position] ^ 1]) + signature[position + 1 :]


def digest():
    fields = {name.lower(): value for name, value in HEADERS}
    framed = b""
    for name in RECIPE:
        value = fields.get(name, "").encode()
        framed += len(value).to_bytes(4, "big") + value
    return text(hmac.new(PEPPER, framed, hashlib.sha256).digest())


def other_digest(position):
    right = digest()
    return right[:position] + ("A" if right[position] != "A" else "B") + right[position + 1 :]


def parts(compact, header=None, payload=None, signature=None):
    """The token with a part exchanged after signing."""
    old = compact.split(".")
    return ".".join(new if new is not None else kept for new, kept in zip((header, payload, signature), old))


def cases(features):
    """(name, token, status, whether the verifier asks for the fingerprint)"""
    good = token()
    middle = {"HS256": 15, "HS384": 23, "HS512": 31}
    yield "HS256 good", good, "CMK_OK", 0
    tampered = json.dumps(CLAIMS | {"sub": "admin"}).encode()
    yield "HS256 payload tampered", parts(good, payload=text(tampered)), "CMK_SIGNATURE", 0
    retyped = text(json.dumps({"alg": "HS256", "typ": "JWS"}).encode())
    yield "HS256 header tampered", parts(good, header=retyped), "CMK_SIGNATURE", 0
    for algorithm in ("HS256", "HS384", "HS512"):
        if algorithm.lower() in features:
            last = HASHES[algorithm]().digest_size - 1
            if algorithm != "HS256":
                yield f"{algorithm} good", token(algorithm), "CMK_OK", 0
            for name, position in (("first", 0), ("middle", middle[algorithm]), ("last", last)):
                yield f"{algorithm} {name} byte wrong", token(algorithm, change=flipped(position)), "CMK_SIGNATURE", 0
            yield f"{algorithm} cut", token(algorithm, change=lambda mac: mac[:-1]), "CMK_SIGNATURE", 0
    yield "expired", token(exp=NOW), "CMK_EXPIRED", 0
    yield "expires in a second", token(exp=NOW + 1), "CMK_OK", 0
    yield "not yet valid", token(nbf=NOW + 1), "CMK_NOT_YET_VALID", 0
    yield "issued in the future", token(iat=NOW + 1), "CMK_ISSUED_IN_FUTURE", 0
    yield "exp missing", token(exp=None), "CMK_EXPIRY_MISSING", 0
    yield "exp beyond 64 bits", token(exp=2**63), "CMK_CLAIM_DATE", 0
    yield "exp at the end of 64 bits", token(exp=2**63 - 1), "CMK_OK", 0
    yield "exp a string", token(exp=str(NOW + 600)), "CMK_CLAIM_TYPE", 0
    yield "other audience", token(aud="https://other.example"), "CMK_AUDIENCE", 0
    yield "list of audiences", token(aud=["https://other.example", AUDIENCE]), "CMK_OK", 0
    yield "claim twice", token(payload='{"sub":"a","sub":"b","exp":1900000600}'), "CMK_PAYLOAD_DUPLICATE", 0
    yield "payload not an object", token(payload="[]"), "CMK_PAYLOAD_JSON", 0
    yield "nested too deep", token(payload='{"a":' + "[" * 64 + "]" * 64 + "}"), "CMK_PAYLOAD_LIMIT", 0
    yield "confirmation nobody can meet", token(cnf={"jkt": "x"}), "CMK_CONFIRMATION", 0
    yield "alg none", parts(token(header={"alg": "none"}), signature="AA"), "CMK_ALGORITHM_UNKNOWN", 0
    yield "alg none, no signature", parts(token(header={"alg": "none"}), signature=""), "CMK_TOKEN_SEGMENT_EMPTY", 0
    yield "alg missing", token(header={"typ": "JWT"}), "CMK_ALGORITHM_MISSING", 0
    known = "CMK_ALGORITHM_MISMATCH" if "rs256" in features else "CMK_ALGORITHM_UNKNOWN"
    yield "alg RS256", token(header={"alg": "RS256"}), known, 0
    for algorithm in ("HS384", "HS512", "ES256"):
        if algorithm.lower() not in features:
            yield f"{algorithm}, not in this build", token(algorithm), "CMK_ALGORITHM_UNKNOWN", 0
    yield "kid known", token(header={"alg": "HS256", "kid": "mac"}), "CMK_OK", 0
    yield "crit unknown", token(header={"alg": "HS256", "crit": ["x"], "x": 1}), "CMK_CRIT_UNKNOWN", 0
    yield "kid unknown", token(header={"alg": "HS256", "kid": "other"}), "CMK_UNKNOWN_KID", 0
    yield "empty", "", "CMK_TOKEN_EMPTY", 0
    yield "two parts", good.rsplit(".", 1)[0], "CMK_TOKEN_NOT_COMPACT", 0
    yield "four parts", good + ".AA", "CMK_TOKEN_NOT_COMPACT", 0
    yield "header padded", parts(good, header=good.split(".")[0] + "="), "CMK_HEADER_ENCODING", 0
    if "es256" in features:
        good = token("ES256")
        yield "ES256 good", good, "CMK_OK", 0
        yield "ES256 s in the other half", token("ES256", change=mirrored), "CMK_OK", 0
        yield "ES256 payload tampered", parts(good, payload=text(tampered)), "CMK_SIGNATURE", 0
        for name, position in (("first", 0), ("last", 63)):
            yield f"ES256 {name} byte wrong", token("ES256", change=flipped(position)), "CMK_SIGNATURE", 0
        yield "ES256 r zero", token("ES256", change=lambda rs: bytes(32) + rs[32:]), "CMK_SIGNATURE", 0
        yield "ES256 s zero", token("ES256", change=lambda rs: rs[:32] + bytes(32)), "CMK_SIGNATURE", 0
        yield "ES256 all zero", token("ES256", change=lambda _: bytes(64)), "CMK_SIGNATURE", 0
        yield "ES256 r the order", token("ES256", change=lambda rs: N.to_bytes(32, "big") + rs[32:]), "CMK_SIGNATURE", 0
        yield "ES256 cut", token("ES256", change=lambda rs: rs[:-1]), "CMK_SIGNATURE", 0
        yield "ES256 expired", token("ES256", exp=NOW), "CMK_EXPIRED", 0
        confused = token(header={"alg": "ES256", "typ": "JWT"})
        yield "MAC under alg ES256", confused, "CMK_SIGNATURE", 0
        yield "kid of the MAC key, alg ES256", token("ES256", header={"alg": "ES256", "kid": "mac"}), "CMK_ALGORITHM_MISMATCH", 0
    if "fingerprint" in features:
        yield "fingerprint", token(fp=digest()), "CMK_OK", 1
        for name, position in (("first", 0), ("middle", 21), ("last", 42)):
            yield f"fingerprint {name} byte other", token(fp=other_digest(position)), "CMK_FINGERPRINT_MISMATCH", 1
        yield "fingerprint cut", token(fp=digest()[:-1]), "CMK_FINGERPRINT_MALFORMED", 1
        yield "fingerprint missing", token(), "CMK_FINGERPRINT_MISSING", 1


def mirrored(rs):
    return rs[:32] + (N - int.from_bytes(rs[32:], "big")).to_bytes(32, "big")


# The two greatest primes below 2^2048; d by RFC 8017 3.2.
RSA_PRIMES = (2**2048 - 1557, 2**2048 - 2543)


def der(tag, content):
    length = len(content)
    octets = bytes([length]) if length < 128 else bytes([0x82]) + length.to_bytes(2, "big")
    return bytes([tag]) + octets + content


def rsa_public():
    """RSAPublicKey (RFC 8017 A.1.1)."""
    p, q = RSA_PRIMES
    return der(0x30, der(2, bytes(1) + (p * q).to_bytes(512, "big")) + der(2, (65537).to_bytes(3, "big")))


def rsa_token():
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 8.2.1, 9.2)."""
    p, q = RSA_PRIMES
    message = text(b'{"alg":"RS256"}') + "." + text(json.dumps(CLAIMS).encode())
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message.encode()).digest()
    encoded = b"\x00\x01" + b"\xff" * (512 - 3 - len(info)) + b"\x00" + info
    signature = pow(int.from_bytes(encoded, "big"), pow(65537, -1, (p - 1) * (q - 1)), p * q)
    return message + "." + text(signature.to_bytes(512, "big"))


def main():
    features = sys.argv[1].split(",")

    def quoted(value):
        return json.dumps(value)

    def array(name, data):
        print(f"static const uint8_t {name}[{len(data)}] = {{{', '.join(map(str, data))}}};")

    print("/* Written by tokens.py. */\n#include <stdint.h>")
    for feature in features:
        print("#define HAS_{} 1".format(feature.upper().replace("-", "_")))
    print(f"#define NOW INT64_C({NOW})")
    print(f"#define SECRET {quoted(SECRET.decode())}")
    print(f"#define PEPPER {quoted(PEPPER.decode())}")
    print(f"#define AUDIENCE {quoted(AUDIENCE)}")
    print(f"#define FIELDS {', '.join(f'{{{quoted(name)}, {quoted(value)}}}' for name, value in HEADERS)}")
    x, y = public()
    array("sec1", b"\x04" + x + y)
    array("sec1_short", bytes([2 + y[-1] % 2]) + x)
    # SubjectPublicKeyInfo of id-ecPublicKey and prime256v1 (RFC 5480 2).
    array("spki", bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04" + x + y)
    array("scalar", SCALAR.to_bytes(32, "big"))
    if "rs256" in features and "spki" in features:
        array("pkcs1", rsa_public())
        print(f"#define RSA_TOKEN {quoted(rsa_token())}")
    jwk = {"kty": "EC", "crv": "P-256", "alg": "ES256", "x": text(x), "y": text(y)}
    print(f"#define JWK {quoted(json.dumps(jwk))}")
    print(f"#define DIGEST {quoted(digest())}")
    print("static const struct { const char *name, *token; int32_t status; int is_bound; } cases[] = {")
    for name, compact, status, is_bound in cases(features):
        print(f"    {{{quoted(name)}, {quoted(compact)}, {status}, {is_bound}}},")
    print("};")


main()
