#!/bin/sh
# Requests per second: nginx alone, with the module, and with auth_request to the example gateway. ./bench.sh [ROUNDS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

"$here/install.sh" nginx nginx-dev make python3 python3-cryptography wrk

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

cargo build --quiet --release --manifest-path "$root/Cargo.toml" --example gateway
"$here/build.sh" "$work" > /dev/null
export MODULE="$work/ngx_http_countermark_module.so" GATEWAY="$target/release/examples/gateway" ROUNDS="${1:-9}" PYTHONDONTWRITEBYTECODE=1
/usr/bin/python3 "$here/tests/bench.py"
