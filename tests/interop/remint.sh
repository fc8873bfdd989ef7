#!/usr/bin/env bash
# Mints every token of tests/interop afresh with the libraries named in package.json and requirements.txt, and holds the
# verdicts against the committed expectations. Needs node, npm, python3 with venv, cargo, and a network.
#
#     remint.sh           compare
#     remint.sh --keep    also replace the committed tokens and expectations
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here/package.json" "$work"
(cd "$work" && npm install --no-package-lock --no-audit --no-fund --loglevel=error >&2)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"

mint_node() { (cd "$work" && node "$here/mint_node.mjs" "$@"); }
mint_python() { "$work/venv/bin/python" "$here/mint_python.py" "$@"; }
judge() { cargo run --quiet --manifest-path "$here/../../Cargo.toml" --example conformance; }

for peer in node python; do
    "mint_$peer" > "$work/$peer.jsonl"
    "mint_$peer" expect > "$work/$peer.expect.jsonl"
    if [ "${1:-}" = --keep ]; then
        cp "$work/$peer.jsonl" "$work/$peer.expect.jsonl" "$here"
    fi
    judge < "$work/$peer.jsonl" > "$work/$peer.answers.jsonl"
done

cmp "$work/node.expect.jsonl" "$here/node.expect.jsonl"
cmp "$work/python.expect.jsonl" "$here/python.expect.jsonl"
python3 "$here/compare.py" "$here/node.expect.jsonl" "$work/node.answers.jsonl" \
    "$here/python.expect.jsonl" "$work/python.answers.jsonl"
