#!/bin/sh
# Builds the module and drives Debian's nginx with it on loopback. Prints a line for each thing checked and the count at the end.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
python=/usr/bin/python3 # Debian's, which has its own cryptography

"$here/install.sh" nginx nginx-dev make python3 python3-cryptography curl

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

if [ -z "${CONFORMANCE:-}" ]; then
    cargo build --quiet --manifest-path "$root/Cargo.toml" --example conformance
    CONFORMANCE=$target/debug/examples/conformance
fi
mkdir -p "$work/plain/nginx"
echo kept > "$work/plain/nginx/nginx.conf" # somebody's own
"$here/build.sh" "$work/plain" > /dev/null
watched='-O1 -g -DCM_WATCHED -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'
"$here/build.sh" "$work/watched" "$watched" > /dev/null
cc -O1 -Wall -Wextra -Werror -I"$root/include" "$here/tests/mint.c" "$target/release/libcountermark.a" -o "$work/mint"

mkdir "$work/tmp"
chmod 755 "$work" "$work/tmp" # nginx's workers give root's rights up
export CONFORMANCE TMPDIR="$work/tmp" MINT="$work/mint" PYTHONDONTWRITEBYTECODE=1

# name, what loads before nginx, module, program
run() {
    echo "$1:" >> "$work/log"
    echo "$1:"
    PRELOAD=$2 MODULE=$work/$3/ngx_http_countermark_module.so timeout 240 "$python" "$here/tests/$4" > "$work/one" 2> "$work/error" || true
    # Without its last line a program did not come to its end.
    tail -n 1 "$work/one" | grep -q ' passed, ' || { echo "FAIL $4 ended early"; tail -n 5 "$work/error"; } >> "$work/one"
    grep -v ' passed, ' "$work/one" | tee -a "$work/log"
}

san="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
run 'the README' '' plain readme.py
run 'verdict table' '' plain verdicts.py
run 'mistakes of a configuration' '' plain configuration.py
run 'four workers' '' plain shared.py
run 'reload under load' '' plain reload.py
run 'malformed requests' '' plain malformed.py
run 'the same under sanitizers' "$san" watched sanitized.py
run 'mistakes under sanitizers' "$san" watched configuration.py

echo 'build:'
if [ "$(cat "$work/plain/nginx/nginx.conf" 2>/dev/null)" = kept ]; then
    echo 'ok   what lies in the directory stays' | tee -a "$work/log"
else
    echo 'FAIL what lies in the directory stays' | tee -a "$work/log"
fi

# Whoever ends the installation of a package early has no policy left that keeps servers from starting.
mkdir "$work/programs"
printf '#!/bin/sh\nexit 1\n' > "$work/programs/dpkg-query"
printf '#!/bin/sh\ntouch "%s"\nsleep 2\n' "$work/installing" > "$work/programs/apt-get"
chmod +x "$work/programs/"*
sed "s#^policy=.*#policy=$work/policy#" "$here/install.sh" > "$work/install.sh"
PATH="$work/programs:$PATH" sh "$work/install.sh" nothing &
waited=0
while [ ! -e "$work/installing" ] && [ "$waited" -lt 100 ]; do sleep 0.1; waited=$((waited + 1)); done
while_installing=$(ls "$work/policy" 2>/dev/null || true)
kill "$!" && wait "$!" || true
if [ -n "$while_installing" ] && [ ! -e "$work/policy" ]; then
    echo 'ok   an installation that is ended early leaves no policy-rc.d' | tee -a "$work/log"
else
    echo 'FAIL an installation that is ended early leaves no policy-rc.d' | tee -a "$work/log"
fi

# Neither the module nor the library in it can take memory but from nginx; what judges a request only from its pool.
own=$(nm -D --undefined-only "$work/plain/ngx_http_countermark_module.so" | grep -cwE 'malloc|calloc|realloc|mmap|pthread_create' || true)
path=0
for name in request evidence answer variables revoke; do
    path=$((path + $(nm -u "$work/plain/countermark-nginx-tree/objs/addon/src/$name.o" | grep -cE 'ngx_c?alloc|ngx_memalign|slab|malloc' || true)))
done
echo 'memory:'
if [ "$own" = 0 ] && [ "$path" = 0 ]; then
    echo 'ok   the request path allocates from pools alone' | tee -a "$work/log"
else
    echo "FAIL the request path allocates from pools alone: $own, $path" | tee -a "$work/log"
fi

passed=$(grep -c '^ok  ' "$work/log" || true)
failed=$(grep -c '^FAIL' "$work/log" || true)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
