#!/usr/bin/env bash
# The Redis stores against a real Redis, and two gateway processes beside one. Installs what it needs (Debian), ends all that it starts.
set -uo pipefail
cd "$(dirname "$0")"
export CARGO_TERM_COLOR=never

if ! command -v redis-server >/dev/null; then
    # Starts no server on the usual port.
    ../../integrations/nginx/install.sh redis-server
fi
redis-server --version || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --locked --no-run || exit 1
timeout 170 cargo test --locked --no-fail-fast >"$log" 2>&1
status=$?
# One line for each test; all of the log when one failed.
grep -E '^test .* \.\.\. ' "$log"
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
