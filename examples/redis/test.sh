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

# One line for each test.
. ../../integrations/counted.sh
counted 170 '^test .* \.\.\. '
