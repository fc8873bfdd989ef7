"""Mints the nested tokens of envelopes.json with jwcrypto and joserfc, and prints them as conformance cases; with "expect" what
must become of each."""

import json
import pathlib
import sys

from joserfc import jwe as joserfc_jwe
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey, OctKey, OKPKey
from jwcrypto import jwe, jwk, jws

plan = json.loads(pathlib.Path(__file__).with_name("envelopes.json").read_text())
wants_expectations = sys.argv[1:] == ["expect"]
CLAIMS = json.dumps(plan["claims"]).encode()
SIGNED = {"alg": "HS256", "kid": plan["signer"]["kid"]}


def header(alg, enc, nests):
    return {"alg": alg, "enc": enc, "kid": "enc-1", **({"cty": "JWT"} if nests else {})}


class Jwcrypto:
    name = "jwcrypto"

    def encrypt(self, content, alg, enc, key, nests):
        token = jwe.JWE(content, json.dumps(header(alg, enc, nests)))
        token.allowed_algs = [alg, enc]
        token.add_recipient(jwk.JWK(**key))
        return token.serialize(compact=True).encode()

    def sign(self, content, nests):
        token = jws.JWS(content)
        protected = {**SIGNED, **({"cty": "JWT"} if nests else {})}
        token.add_signature(jwk.JWK(kty="oct", k=plan["signer"]["k"]), None, json.dumps(protected))
        return token.serialize(compact=True).encode()


class Joserfc:
    name = "joserfc"
    kinds = {"oct": OctKey, "EC": ECKey, "OKP": OKPKey}

    def encrypt(self, content, alg, enc, key, nests):
        loaded = self.kinds[key["kty"]].import_key(key)
        token = joserfc_jwe.encrypt_compact(header(alg, enc, nests), content, loaded, algorithms=[alg, enc])
        return token.encode()

    def sign(self, content, nests):
        protected = {**SIGNED, **({"cty": "JWT"} if nests else {})}
        return joserfc_jws.serialize_compact(protected, content, OctKey.import_key(plan["signer"])).encode()


def mint(by, shape, alg, enc, key):
    if shape == "signed-then-encrypted":
        return by.encrypt(by.sign(CLAIMS, False), alg, enc, key, True)
    return by.sign(by.encrypt(CLAIMS, alg, enc, key, False), True)


for by in (Jwcrypto(), Joserfc()):
    for name, key in plan["keys"].items():
        alg, _, part = name.partition(" ")
        for enc in [part] if alg == "dir" else plan["encryptions"]:
            for shape in ("signed-then-encrypted", "encrypted-then-signed"):
                for expect, used in (("OK", key), ("DECRYPTION", plan["wrong"][name])):
                    if expect == "DECRYPTION" and alg != "dir" and enc not in plan["refused"]:
                        continue
                    record = {"id": f"{by.name} {name}/{enc} {shape} {expect}"}
                    if wants_expectations:
                        record["expect"] = expect
                    else:
                        opening = {**key, "kid": "enc-1", "alg": enc if alg == "dir" else alg}
                        record["token"] = mint(by, shape, alg, enc, used).decode()
                        record["now"] = plan["now"]
                        record["keys"] = {"keys": [plan["signer"], opening]}
                        record["policy"] = {**plan["policy"], "shape": shape}
                    print(json.dumps(record, separators=(",", ":")))
