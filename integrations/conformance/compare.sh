# Sourced by the bindings' test.sh: builds the C library, counts checks, and holds a binding's answers against the core's.
# shellcheck shell=bash
set -uo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

# Absolute: what is called from here moves.
output=${CARGO_TARGET_DIR:-target}
mkdir -p "$output"
output=$(cd "$output" && pwd)
export CARGO_TARGET_DIR=$output
archive=$output/release/libcountermark.a
shared=$output/release/package/libcountermark.so.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

ok() { passed=$((passed + 1)) && echo "ok: $1"; }
bad() { failed=$((failed + 1)) && echo "FAILED: $1"; }

# check WHAT COMMAND...: one line; of a failure also what the command said.
check() {
    local what=$1
    shift
    if "$@" >"$work/log" 2>&1; then ok "$what"; else bad "$what" && tail -20 "$work/log"; fi
}

# need COMMAND:PACKAGE...: Debian's packages for the commands that are not there.
need() {
    local missing=() one
    for one in "$@"; do command -v "${one%%:*}" >/dev/null || missing+=("${one#*:}"); done
    [ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
}
install() {
    integrations/nginx/install.sh "$@" || exit 1 # starts no server on the usual ports
}

# The library in both forms, and the core's own program for cases.
build() {
    check 'the C library' make --silent all
    check "the core's program for cases" cargo build --quiet --example conformance
    [ "$failed" -eq 0 ] || closing
}

# checks COMMAND...: a program that prints `ok: ...` and `FAILED: ...` itself, and ends well when nothing failed.
checks() {
    local status=0
    timeout 120 "$@" >"$work/checks" 2>&1 || status=$?
    cat "$work/checks"
    passed=$((passed + $(grep -c '^ok: ' "$work/checks")))
    failed=$((failed + $(grep -c '^FAILED: ' "$work/checks")))
    [ $status -eq 0 ] || bad "$* ended with $status"
}

# The project's cases, and 2,000 made of them: one run, in which a proof that comes again is a replay.
need python3:python3
sources=(integrations/conformance/members.jsonl tests/interop/{node,python,envelopes.node,envelopes.python,proofs.node,proofs.python,rotating.node}.jsonl)
cases=$work/cases.jsonl
cat "${sources[@]}" >"$cases"
python3 integrations/conformance/mutate.py 2000 "${sources[@]}" >>"$cases" || exit 1

# answers COMMAND...: judges every case; each answer is the core's, byte for byte, or says why it is skipped.
answers() {
    "$output/debug/examples/conformance" <"$cases" >"$work/expected" || bad "a line is no case"
    if ! timeout 120 "$@" <"$cases" >"$work/answers" 2>"$work/log"; then
        bad "the program for cases ended early" && tail -5 "$work/log"
    elif awk '
        NR == FNR { expected[NR] = $0; count = NR; next }
        /^skipped: / { skipped[substr($0, 10)]++; all++; next }
        $0 != expected[FNR] { print "expected " expected[FNR] "\nanswered " $0; wrong++; next }
        { same++ }
        END {
            if (FNR != count) { print FNR " answers to " count " cases"; wrong++ }
            printf "%d of %d verdicts are the core'"'"'s, byte for byte", same, count
            for (why in skipped) printf "; %d skipped: %s", skipped[why], why
            print ""
            # So many at the most are what C cannot say.
            exit wrong > 0 || all > 30
        }' "$work/expected" "$work/answers" >"$work/log"; then
        ok "$(tail -1 "$work/log")"
    else
        bad "$(tail -1 "$work/log")" && head -6 "$work/log"
    fi
}

# quick_start BINDING [LINES]: what its README starts with, but so many lines (1), which build the library; in a copy of what they name.
quick_start() {
    awk '/^```sh$/ { on = 1; next } /^```$/ { exit } on' "integrations/$1/README.md" | sed "1,${2:-1}d" >"$work/commands"
    mkdir -p "$work/tried" && cp -r integrations "$work/tried/"
    tried() { (cd "$work/tried" && bash -e "$work/commands") 2>&1 | tee "$work/said" && grep -q alice "$work/said"; }
    check "the lines that its README starts with: alice" tried
}

closing() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}
