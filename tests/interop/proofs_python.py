"""Mints the access tokens and DPoP proofs of proofs.json with joserfc and Authlib, under keys that are made for the run, and
prints them as conformance cases.

Neither has a function for proofs: they are made as any signed token. With the argument "expect" the script prints what must
become of each instead.
"""

import base64
import hashlib
import json
import pathlib
import sys
import uuid
import warnings

import authlib.deprecate
import joserfc.jwk
import joserfc.jwt

# Authlib says of its own jose module, as it is imported, that joserfc is to replace it; joserfc says of EdDSA that it has another
# name now.
warnings.simplefilter("ignore")
import authlib.jose

PLAN = json.loads((pathlib.Path(__file__).parent / "proofs.json").read_text(encoding="utf-8"))
WANTS_EXPECTATIONS = sys.argv[1:] == ["expect"]
KINDS = {"ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "EdDSA": ("OKP", "Ed25519"), "Ed25519": ("OKP", "Ed25519")}


def kind(algorithm):
    return KINDS.get(algorithm, ("RSA", 2048))


class Joserfc:
    @staticmethod
    def key(algorithm):
        return joserfc.jwk.generate_key(*kind(algorithm))

    @staticmethod
    def jwk(key, private):
        return key.as_dict(private=private)

    @staticmethod
    def sign(header, claims, key):
        return joserfc.jwt.encode(header, claims, key, algorithms=[header["alg"]])


class Authlib:
    TOKENS = authlib.jose.JsonWebToken(PLAN["libraries"]["Authlib"])

    @staticmethod
    def key(algorithm):
        return authlib.jose.JsonWebKey.generate_key(*kind(algorithm), is_private=True)

    @staticmethod
    def jwk(key, private):
        return key.as_dict(is_private=private)

    @classmethod
    def sign(cls, header, claims, key):
        return cls.TOKENS.encode(header, claims, key).decode()


LIBRARIES = {"joserfc": Joserfc, "Authlib": Authlib}


def prove(library, algorithm, keys, planned, token):
    jwk = library.jwk(keys["own" if planned.get("jwk") != "other" else "other"], planned.get("jwk") == "private")
    # A key id of the library's own, which no proof needs.
    jwk.pop("kid", None)
    header = {"typ": planned.get("typ", "dpop+jwt"), "alg": algorithm, "jwk": jwk}
    claims = {
        "htm": planned.get("htm", PLAN["method"]),
        "htu": planned.get("htu", PLAN["uri"]),
        "iat": PLAN["now"] - planned.get("age", 0),
        **planned.get("more", {}),
    }
    if "jti" not in planned:
        claims["jti"] = str(uuid.uuid4())
    if "nonce" in planned:
        claims["nonce"] = planned["nonce"]
    if planned.get("ath") != "absent":
        hashed = "another.access.token" if planned.get("ath") == "other" else token
        claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(hashed.encode()).digest()).rstrip(b"=").decode()
    return library.sign(header, claims, keys[planned.get("signer", "own")])


def mint(name, library, algorithm, issuer):
    keys = {which: library.key(algorithm) for which in ("own", "other")}
    for planned in PLAN["proofs"]:
        record = {"id": f"{name} {algorithm} {planned['name']}"}
        if WANTS_EXPECTATIONS:
            record["expect"] = planned["expect"]
        else:
            claims = dict(PLAN["claims"])
            if planned.get("bound", True):
                claims["cnf"] = {"jkt": keys["own"].thumbprint()}
            token = library.sign({"alg": "ES256", "typ": "at+jwt"}, claims, issuer)
            evidence = {"dpop": prove(library, algorithm, keys, planned, token), "method": PLAN["method"], "uri": PLAN["uri"]}
            evidence |= {name: planned[asked] for name, asked in (("scheme", "scheme"), ("nonce", "asked")) if asked in planned}
            public = library.jwk(issuer, False)
            record |= {"token": token, "now": PLAN["now"], "keys": {"keys": [public]}, "policy": PLAN["policy"]}
            record["evidence"] = evidence
        print(json.dumps(record, separators=(",", ":")))


for each_name, each_library in LIBRARIES.items():
    each_issuer = each_library.key("ES256")
    for each_algorithm in PLAN["libraries"][each_name]:
        mint(each_name, each_library, each_algorithm, each_issuer)
