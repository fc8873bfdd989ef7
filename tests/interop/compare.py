"""Compares answers of the conformance program with what must become of the cases; prints one line for each difference.

    compare.py EXPECTATIONS ANSWERS [EXPECTATIONS ANSWERS ...]
"""

import json
import sys


def read(path):
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    by_id = {record["id"]: record for record in records}
    if len(by_id) != len(records):
        sys.exit(f"{path}: an id comes twice")
    return by_id


passed = failed = 0
for expectations, answers in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    expected, answered = read(expectations), read(answers)
    for name in expected.keys() | answered.keys():
        wanted = expected.get(name, {}).get("expect", "no such case")
        found = answered.get(name, {}).get("status", "no answer")
        if wanted == found:
            passed += 1
        else:
            failed += 1
            print(f"{name}: {wanted} expected, {found} found")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0 or passed == 0)
