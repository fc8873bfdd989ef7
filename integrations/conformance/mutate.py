"""Cases made of cases: mutate.py COUNT FILE... writes so many lines, each a case of the files with one thing changed: its token, its proof,
the time, or what the policy asks. The same lines every time. What becomes of them is for the core's program to say."""

import json
import random
import sys

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \u00e9\0"
chance = random.Random(7)


def changed(text):
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(CHARACTERS) + text[place + chance.randrange(3):]


def cut(text):
    return text[:chance.randrange(len(text) + 1)]


def grown(text):
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(CHARACTERS) * chance.randrange(1, 300) + text[place:]


def shuffled(text):
    parts = text.split(".")
    return ".".join(chance.sample(parts, len(parts)))


def other(text):
    return chance.choice(["", ".", "..", "....", "a.b.c", text + text])


def mutated(case):
    kind = chance.choice(["token", "token", "proof", "time", "policy"])
    if kind == "proof" and "dpop" in case.get("evidence", {}):
        case["evidence"]["dpop"] = changed(case["evidence"]["dpop"])
    elif kind == "time":
        case["now"] = chance.choice([0, -1, 2**53 - 1, 1 - 2**53, case["now"] + chance.randrange(-90_000, 90_000)])
    elif kind == "policy":
        policy = case.setdefault("policy", {})
        policy[chance.choice(["leeway", "max_age", "max_token_bytes"])] = chance.choice([1, 100, 86_400, 65_535, 65_536, 2**32 - 1])
        policy["holder"] = chance.choice(["none", "any", "dpop", "certificate", "channel"])
        policy["shape"] = chance.choice(["signed", "signed-then-encrypted", "encrypted-then-signed", "encrypted"])
        policy["payload"] = chance.choice(["claims", "opaque"])
    else:
        case["token"] = chance.choice([changed, changed, cut, grown, shuffled, other])(case["token"])
    return case


cases = []
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as lines:
        cases += lines
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for number in range(int(sys.argv[1])):
    case = mutated(json.loads(chance.choice(cases)))
    case["id"] = f"mutated {number}"
    print(json.dumps(case, ensure_ascii=False))
