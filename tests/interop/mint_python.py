"""Mints the tokens of plan.json with PyJWT and joserfc, and prints them as conformance cases.

With the argument "expect" it prints what must become of each instead.
"""

import base64
import json
import pathlib
import sys
import warnings

import joserfc.jwk
import joserfc.jws
import joserfc.jwt
import jwt

# Weak keys are the point of one case.
warnings.simplefilter("ignore")

PLAN = json.loads((pathlib.Path(__file__).parent / "plan.json").read_text(encoding="utf-8"))
WANTS_EXPECTATIONS = sys.argv[1:] == ["expect"]


def public_keys(algorithm):
    family = PLAN["keys"].get(algorithm) or next(
        family for family in PLAN["families"].values() if algorithm in family["algorithms"]
    )
    private = ("d", "p", "q", "dp", "dq", "qi")
    return {"keys": [{name: value for name, value in family[kid].items() if name not in private} for kid in ("k1", "k2")]}


def put(name, expect, token, algorithm, policy, keys=None):
    if WANTS_EXPECTATIONS:
        record = {"id": name, "expect": expect}
    else:
        policy = {"algorithms": [algorithm], **policy}
        keys = keys or public_keys(algorithm)
        record = {"id": name, "token": token, "now": PLAN["now"], "keys": keys, "policy": policy}
    print(json.dumps(record, separators=(",", ":")))


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pyjwt_key(algorithm, jwk):
    return decoded(jwk["k"]) if jwk["kty"] == "oct" else jwt.PyJWK(jwk, algorithm).key


def joserfc_key(jwk):
    # A kid of the key would go into the header.
    return joserfc.jwk.import_key({name: value for name, value in jwk.items() if name != "kid"})


def planned(algorithm, keys, tokens):
    for entry in tokens:
        name, expect, policy = entry["name"], entry["expect"], entry["policy"]
        header, jwk = entry.get("header", {}), keys[entry.get("key", "k1")]
        token = jwt.encode(entry["claims"], pyjwt_key(algorithm, jwk), algorithm, headers=header)
        put(f"PyJWT {algorithm} {name}", expect, token, algorithm, policy)
        token = joserfc.jwt.encode({"alg": algorithm, **header}, entry["claims"], joserfc_key(jwk), algorithms=[algorithm])
        put(f"joserfc {algorithm} {name}", expect, token, algorithm, policy)


def special(algorithm, keys):
    """Detached and unencoded payloads (RFC 7797), unsigned tokens, payloads that are no claims set, short keys."""
    key, other_key = pyjwt_key(algorithm, keys["k1"]), joserfc_key(keys["k1"])
    claims, policy = PLAN["tokens"][0]["claims"], PLAN["tokens"][0]["policy"]
    text = json.dumps(claims, separators=(",", ":"))

    for name, raw in (("json", text.replace(".", "-")), ("base64url", encoded(text.encode()))):
        detached = jwt.api_jws.encode(raw.encode(), key, algorithm, is_payload_detached=True)
        head, _, tail = detached.split(".")
        put(f"PyJWT {algorithm} b64-{name}-detached", "UNENCODED_PAYLOAD", detached, algorithm, policy)
        put(f"PyJWT {algorithm} b64-{name}", "UNENCODED_PAYLOAD", f"{head}.{raw}.{tail}", algorithm, policy)
    header = {"alg": algorithm, "b64": False, "crit": ["b64"]}
    detached = joserfc.jws.serialize_compact(header, encoded(text.encode()), other_key, algorithms=[algorithm])
    head, payload, tail = detached.split(".")
    token = f"{head}.{payload or encoded(text.encode())}.{tail}"
    put(f"joserfc {algorithm} b64-crit", "UNENCODED_PAYLOAD", token, algorithm, policy)

    binary = jwt.api_jws.encode(bytes(range(256)), key, algorithm)
    put(f"PyJWT {algorithm} opaque", "OK", binary, algorithm, {"payload": "opaque"})
    put(f"PyJWT {algorithm} opaque-as-claims", "PAYLOAD_JSON", binary, algorithm, policy)
    binary = joserfc.jws.serialize_compact({"alg": algorithm}, b"[]", other_key, algorithms=[algorithm])
    put(f"joserfc {algorithm} array", "PAYLOAD_JSON", binary, algorithm, policy)
    none = jwt.encode(claims, None, "none")
    put(f"PyJWT {algorithm} none", "TOKEN_SEGMENT_EMPTY", none, algorithm, policy)
    for name, data, expect in (
        ("duplicate", text[:-1] + ',"\\u0073ub":"root"}', "PAYLOAD_DUPLICATE"),
        ("byte-order-mark", "\ufeff" + text, "PAYLOAD_JSON"),
        ("trailing", text + "{}", "PAYLOAD_JSON"),
        ("spaces", " \t\r\n" + json.dumps(claims, indent=2) + "\n", "OK"),
        ("exponent", text.replace(str(claims["exp"]), "1.7000006e9"), "OK"),
        ("negative", text.replace(str(claims["exp"]), "-1"), "CLAIM_DATE"),
        ("date-as-text", text.replace(str(claims["exp"]), f'"{claims["exp"]}"'), "CLAIM_TYPE"),
        ("lone-surrogate", text.replace("alice", "\\ud83d"), "PAYLOAD_JSON"),
    ):
        token = jwt.api_jws.encode(data.encode(), key, algorithm)
        put(f"PyJWT {algorithm} {name}", expect, token, algorithm, policy)
    if algorithm != "ES256":
        # One byte shorter than the hash: the token is good, the key is not (RFC 7518 3.2).
        weak = {"keys": [{"kty": "oct", "k": encoded(key[1:])}]}
        put(f"PyJWT {algorithm} short-key", "KEY_TOO_SHORT", jwt.encode(claims, key[1:], algorithm), algorithm, policy, weak)


for each_algorithm, each_keys in PLAN["keys"].items():
    planned(each_algorithm, each_keys, PLAN["tokens"])
    special(each_algorithm, each_keys)
for each_family in PLAN["families"].values():
    for each_algorithm in each_family["algorithms"]:
        planned(each_algorithm, each_family, [entry for entry in PLAN["tokens"] if entry["name"] in PLAN["family_tokens"]])
