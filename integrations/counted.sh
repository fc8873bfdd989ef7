# Sourced by the test.sh of a Rust package, in the package's folder: its tests as one line each, and the count.
# shellcheck shell=bash

# counted SECONDS SHOWN [ARGUMENT...]: runs the tests, bounded, and shows the lines that the pattern SHOWN matches; all of them when
# one failed. The arguments say which.
counted() {
    local seconds=$1 shown=$2 log status passed failed
    shift 2
    cargo test --locked --no-run "$@" || return 1
    log=$(mktemp)
    # shellcheck disable=SC2064 # now: the name is the function's own
    trap "rm -f '$log'" EXIT
    status=0
    timeout "$seconds" cargo test --locked --no-fail-fast "$@" -- --show-output >"$log" 2>&1 || status=$?
    # libtest heads a passing test's lines as it heads a failure's; here they are a passing test's.
    grep -E "$shown" "$log" | sed -E 's/^---- (.*) stdout ----$/\1:/'
    passed=$(grep -cE '^test .* \.\.\. ok$' "$log")
    failed=$(grep -cE '^test .* \.\.\. FAILED$' "$log")
    # A run that ended otherwise, by its time for instance, has failed too.
    if [ "$status" -ne 0 ]; then
        cat "$log"
        [ "$failed" -gt 0 ] || failed=1
    fi
    [ "$passed" -gt 0 ] || failed=$((failed + 1))
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
