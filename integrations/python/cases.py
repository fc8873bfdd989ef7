"""Judges conformance cases through the binding: JSON lines in, JSON lines out, as `cargo run --example conformance` does.

A case that the binding cannot say is answered `skipped: WHY`. Lines are read as Python reads JSON: what is no case is not judged here.
"""

import base64
import json
import sys

import countermark

SAME = {"algorithms", "issuers", "audiences", "any_audience", "subject", "typ", "leeway", "max_age", "rights", "holder"}
replay = countermark.Replay(10_000)


class Skipped(Exception):
    pass


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def quoted(value):
    return json.dumps(value, ensure_ascii=False)


def on_one_line(text):
    """JSON without the white space between its tokens: parsing it would round numbers."""
    kept, in_string, escaped = [], False, False
    for char in text:
        if in_string or char not in " \t\r\n":
            kept.append(char)
        if char == '"' and not escaped:
            in_string = not in_string
        escaped = in_string and char == "\\" and not escaped
    return "".join(kept)


def settings_of(policy):
    """The policy in the binding's words."""
    settings = {name: value for name, value in policy.items() if name in SAME}
    for name in policy.get("algorithms", []):
        if name not in countermark.ALGORITHMS:
            raise countermark.Error(901)
    if "require" in policy:
        # Of a case it is the whole list; the binding asks for exp by itself.
        settings["require"] = [name for name in policy["require"] if name != "exp"]
        settings["allow_missing_exp"] = "exp" not in policy["require"]
    for name in ("max_token_bytes", "max_age"):
        if policy.get(name) == 0:
            raise Skipped(f"{name} 0 is the default in C")
    if "max_token_bytes" in policy and policy.get("shape") == "encrypted":
        raise Skipped("max_token_bytes of an envelope alone is 8192 in C")
    if "max_token_bytes" in policy:
        settings["token_bytes"] = policy["max_token_bytes"]
    if policy.get("shape", "encrypted") != "encrypted":
        settings["shape"] = policy["shape"]
    if "fingerprint" in policy:
        fingerprint = settings["fingerprint"] = dict(policy["fingerprint"])
        if "pepper" in fingerprint:
            fingerprint["pepper"] = decoded(fingerprint["pepper"])
        if "weights" not in fingerprint and {"optional", "required"} & set(fingerprint):
            raise Skipped("optional and required of a sketch need weights in C")
        if fingerprint["form"] == "sketch" and fingerprint.get("weights") == {}:
            raise Skipped("a sketch without any weight has the preset's in C")
    return settings


def keys_of(case):
    if "rotating" in case:
        if case["rotating"].get("window") == 0:
            raise Skipped("rotating: window 0 is the default in C")
        keys = countermark.Keys(capacity=1)
        keys.add_rotating(**case["rotating"])
        return [keys]
    sets = case["keys"] if isinstance(case["keys"], list) else [case["keys"]]
    algorithms = case.get("policy", {}).get("algorithms", [])
    return [countermark.Keys.jwks(quoted(one), algorithms, one.get("issuer")) for one in sets]


def judge(case):
    policy, evidence = case.get("policy", {}), {"scheme": "DPoP", **case.get("evidence", {})}
    for name in {"certificate", "channel"} & set(evidence):
        evidence[name] = decoded(evidence[name])
    settings = settings_of(policy)
    keys = keys_of(case)
    verifier = countermark.Verifier(keys, replay=replay, **settings)
    opaque = policy.get("payload") == "opaque"
    if policy.get("shape") == "encrypted":
        # An envelope alone authenticates nobody: nothing that claims could answer may be asked of it.
        asked = any(policy.get(name) for name in ("issuers", "audiences", "require")) or {"subject", "max_age", "fingerprint"} & set(policy)
        if not opaque or asked:
            raise countermark.Error(countermark.POLICY_CONFLICT)
        payload = countermark.open_envelope(keys, case["token"])
    elif opaque:
        payload = verifier.verify_opaque(case["token"], case["now"])
    else:
        accepted = verifier.verify(case["token"], case["now"], evidence)
        similarity = "" if accepted.similarity is None else f',"similarity":{accepted.similarity}'
        return f'"status":"OK","code":0,"claims":{on_one_line(accepted.json)}{similarity}'
    return f'"status":"OK","code":0,"payload":"{base64.urlsafe_b64encode(payload).rstrip(b"=").decode()}"'


def answer(line):
    case = json.loads(line)
    head = f'{{"id":{quoted(case["id"])},'
    try:
        return head + judge(case) + "}"
    except Skipped as why:
        return f"skipped: {why}"
    except countermark.Error as error:
        failed = ",".join(quoted(name) for name in getattr(error, "failed", [error.name]))
        similarity = getattr(error, "similarity", None)
        tail = "" if similarity is None else f',"similarity":{similarity}'
        return f'{head}"status":"{error.name}","code":{error.status},"stage":"{error.stage}","failed":[{failed}]{tail}}}'


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for line in sys.stdin.buffer:
    print(answer(line))
