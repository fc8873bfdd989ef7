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

tests=()
for program in "${programs[@]}"; do
    tests+=(--test "$program")
done
# The verdict tables, line by line, and one line for each test.
. ../counted.sh
counted 300 '^(test .* \.\.\. |.* HTTP [0-9]{3}$|---- )' "${tests[@]}"
