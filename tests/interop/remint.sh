#!/usr/bin/env bash
# Mints every token, envelope and proof of tests/interop afresh with the libraries named in package.json and requirements.txt, and
# holds the verdicts against the committed expectations. Needs node, npm, python3 with venv, cargo, and a network.
#
#     remint.sh           compare
#     remint.sh --keep    also replace the committed tokens, proofs and expectations
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here/package.json" "$work"
(cd "$work" && npm install --no-package-lock --no-audit --no-fund --loglevel=error >&2)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"

by_node() { (cd "$work" && node "$here/$1_node.mjs" "${@:2}"); }
by_python() { "$work/venv/bin/python" "$here/$1_python.py" "${@:2}"; }
judge() { cargo run --quiet --manifest-path "$here/../../Cargo.toml" --example conformance; }

for peer in node python; do
    for kind in mint proofs envelopes; do
        name=$peer
        [ "$kind" = mint ] || name=$kind.$peer
        "by_$peer" "$kind" > "$work/$name.jsonl"
        "by_$peer" "$kind" expect > "$work/$name.expect.jsonl"
        if [ "${1:-}" = --keep ]; then
            cp "$work/$name.jsonl" "$work/$name.expect.jsonl" "$here"
        fi
        cmp "$work/$name.expect.jsonl" "$here/$name.expect.jsonl"
    done
    judge < "$work/$peer.jsonl" > "$work/$peer.answers.jsonl"
    judge < "$work/envelopes.$peer.jsonl" > "$work/envelopes.$peer.answers.jsonl"
done

# Rotating secrets, by the field's own JavaScript: the test that reads the committed tokens reads these.
by_node rotating > "$work/rotating.node.jsonl"
by_node rotating expect > "$work/rotating.node.expect.jsonl"
if [ "${1:-}" = --keep ]; then
    cp "$work/rotating.node.jsonl" "$work/rotating.node.expect.jsonl" "$here"
fi
cmp "$work/rotating.node.expect.jsonl" "$here/rotating.node.expect.jsonl"
COUNTERMARK_ROTATING=$work cargo test --quiet --manifest-path "$here/../Cargo.toml" --test rotating field

# Proofs go through Rust and C, by the test that reads the committed ones too.
COUNTERMARK_PROOFS=$work cargo test --quiet --manifest-path "$here/../Cargo.toml" --test interop_proofs
python3 "$here/compare.py" "$here/node.expect.jsonl" "$work/node.answers.jsonl" \
    "$here/python.expect.jsonl" "$work/python.answers.jsonl" \
    "$here/envelopes.node.expect.jsonl" "$work/envelopes.node.answers.jsonl" \
    "$here/envelopes.python.expect.jsonl" "$work/envelopes.python.answers.jsonl"
