#!/bin/sh
# Builds the module for the nginx that Debian installs: ./build.sh [DIRECTORY] [C compiler flags]
# Leaves ngx_http_countermark_module.so in the directory (./build), which it makes. Wants cargo, gcc and Debian's nginx-dev.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "${1:-$here/build}"
out=$(cd "${1:-$here/build}" && pwd)
flags=${2:-}
target=${CARGO_TARGET_DIR:-$root/target}
sources=${NGINX_SOURCES:-/usr/share/nginx/src}

cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p countermark-lib
export COUNTERMARK_INCLUDE="$root/include" COUNTERMARK_ARCHIVE="$target/release/libcountermark.a"

# nginx builds in its own tree, which is not ours to write to. This name is, and is begun anew; what else lies in the directory stays.
work=$out/countermark-nginx-tree
rm -rf "$work"
mkdir "$work"
cp -r "$sources/." "$work"
cd "$work"
# The distribution's own flags: a module serves the nginx that was configured like it, and `nginx -t` says so when it does not.
cat > configure.bash <<'END'
. ./conf_flags
./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt="$2" --add-dynamic-module="$1"
END
bash configure.bash "$here" "-O2 -Wall -Wextra -Wno-unused-parameter -Wno-cast-function-type -Wno-implicit-fallthrough -Wno-missing-field-initializers -fstack-protector-strong -D_FORTIFY_SOURCE=2 $flags" > configure.log 2>&1 ||
    { tail -20 configure.log; exit 1; }
make -f objs/Makefile modules > make.log 2>&1 || { grep -E 'error|warning' make.log || tail -20 make.log; exit 1; }
mv objs/ngx_http_countermark_module.so "$out/"
echo "$out/ngx_http_countermark_module.so"
