#!/usr/bin/env bash
# The authorization service behind a real Caddy, nginx and HAProxy, beside a real Redis, and by itself. Installs what it needs (Debian), ends
# all that it starts. With arguments: these test programs only.
set -uo pipefail
cd "$(dirname "$0")"
export CARGO_TERM_COLOR=never
programs=("$@")
[ ${#programs[@]} -gt 0 ] || programs=(example haproxy lifecycle places proxies service)

declare -A package=([caddy]=caddy [nginx]=nginx [redis-server]=redis-server [openssl]=openssl [haproxy]=haproxy)
wanted=(caddy nginx redis-server openssl haproxy)
missing=()
for program in "${wanted[@]}"; do
    command -v "$program" >/dev/null || missing+=("${package[$program]}")
done
if [ ${#missing[@]} -gt 0 ]; then
    # Starts no server on the usual ports.
    ../nginx/install.sh "${missing[@]}"
fi
for program in "${wanted[@]}"; do
    command -v "$program" >/dev/null || { echo "no $program"; exit 1; }
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
tests=()
for program in "${programs[@]}"; do
    tests+=(--test "$program")
done
cargo test --locked --no-run "${tests[@]}" || exit 1
timeout 300 cargo test --locked --no-fail-fast "${tests[@]}" -- --show-output >"$log" 2>&1
status=$?
# The verdict tables, line by line, and one line for each test; all of the log when one failed.
grep -E '^(test .* \.\.\. |.* HTTP [0-9]{3}$|---- )' "$log"
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
