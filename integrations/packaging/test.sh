#!/usr/bin/env bash
# Installs into a fresh prefix and builds and runs the README's quick starts against it: C and C++, shared and static, through
# pkg-config, CMake and two Debian packages. Then what the shared library shows, and what a publication of the crate would send.
set -uo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
prefix=$work/prefix
log=$work/log
installed=no
trap '[ $installed = no ] || dpkg --purge libcountermark-dev libcountermark1 >/dev/null 2>&1; rm -rf "$work"' EXIT
passed=0
failed=0

# check WHAT COMMAND...: one line; of a failure also what the command said.
check() {
    local what=$1
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1)) && echo "ok: $what"
    else
        failed=$((failed + 1)) && echo "FAILED: $what" && tail -20 "$log"
    fi
}

missing=()
for need in cmake:cmake g++:g++ make:make pkg-config:pkg-config readelf:binutils; do
    command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || exit 1
fi

# The programs between the README's fences.
for language in c cpp; do
    awk -v fence="^\`\`\`$language\$" '$0 ~ fence { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$work/service.$language"
done

accepts() { [ "$("$@")" = 'accepted: alice' ]; }
# builds COMMAND...: the compiler makes $work/service, and it accepts the token.
builds() { rm -f "$work/service" && "$@" -o "$work/service" && accepts "$work/service"; }
by_pkg_config() { PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config "$@" countermark; }

check 'make' make
check 'make install into a fresh prefix' make install PREFIX="$prefix"
so=$prefix/lib/libcountermark.so.1

soname() { readelf -d "$so" | grep -q 'SONAME.*\[libcountermark.so.1\]'; }
needs() { [ "$(readelf -d "$so" | grep -c NEEDED)" -eq 1 ] && readelf -d "$so" | grep -q 'NEEDED.*\[libc.so.6\]'; }
declared() { sed -n 's/.*\(cmk_[a-z0-9_]*\) CMK_JOIN.*/\1@@COUNTERMARK_1/p' include/countermark_prefix.h | sort; }
shown() { diff <(declared) <(nm -D --defined-only "$so" | awk '$2 != "A" { print $3 }' | sort); }
check 'SONAME libcountermark.so.1' soname
check 'needs the C library and nothing else' needs
check "shows the $(declared | wc -l) functions of the header, at version COUNTERMARK_1, and nothing else" shown

version() { [ "$(by_pkg_config --modversion)" = 0.1.0 ]; }
check 'pkg-config: version' version
for language in c cpp; do
    compiler=(cc -std=c99)
    [ $language = c ] || compiler=(c++ -std=c++17)
    # Words of flags, as a shell splits them.
    # shellcheck disable=SC2046
    check "pkg-config: $language, shared" builds "${compiler[@]}" "$work/service.$language" $(by_pkg_config --cflags --libs) "-Wl,-rpath,$prefix/lib"
    # shellcheck disable=SC2046
    check "pkg-config: $language, static" builds "${compiler[@]}" "$work/service.$language" $(by_pkg_config --cflags) "$(by_pkg_config --variable=libdir)/libcountermark.a"
done
check 'a program of nothing but archives' builds cc -static "$work/service.c" -I"$prefix/include" -L"$prefix/lib" -lcountermark

configure() { cmake -S integrations/packaging/consumer -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" -DSOURCES="$work"; }
linked() { readelf -d "$work/cmake/$1" | grep -q 'libcountermark.so.1'; }
check 'CMake: find_package' configure
check 'CMake: build' cmake --build "$work/cmake"
for language in c cpp; do
    check "CMake: $language, shared, runs" accepts "$work/cmake/${language}_shared"
    check "CMake: $language, shared, needs the SONAME" linked "${language}_shared"
    check "CMake: $language, static, runs" accepts "$work/cmake/${language}_static"
    check "CMake: $language, static, needs no shared library" eval "! linked ${language}_static"
done

# wants VERSION [COMPONENT]: find_package with these.
wants() {
    mkdir -p "$work/wants" && rm -rf "$work/wants/"*
    printf 'cmake_minimum_required(VERSION 3.16)\nproject(wants C)\nfind_package(countermark %s REQUIRED %s)\n' "$1" "${2:-}" >"$work/wants/CMakeLists.txt"
    cmake -S "$work/wants" -B "$work/wants/build" -DCMAKE_PREFIX_PATH="$prefix"
}
check 'CMake: 0.1.0 serves who wants 0.1.0 exactly' wants '0.1.0 EXACT'
check 'CMake: 0.1.0 does not serve who wants 0.1.1' eval '! wants 0.1.1'
check 'CMake: nor 0.0, nor 1.0' eval '! wants 0.0 && ! wants 1.0'
check 'CMake: a component that does not exist is refused' eval '! wants 0.1 oauth'

check 'make uninstall' make uninstall PREFIX="$prefix"
check 'and no file is left' eval '[ -z "$(find "$prefix" ! -type d)" ]'

staged() { make install PREFIX=/usr LIBDIR=/usr/lib64 DESTDIR="$work/stage" && ls "$work/stage/usr/lib64/libcountermark.so.1" && grep -q '^libdir=/usr/lib64$' "$work/stage/usr/lib64/pkgconfig/countermark.pc"; }
check 'DESTDIR and LIBDIR' staged

if command -v dpkg-deb >/dev/null && [ "$(id -u)" = 0 ]; then
    if dpkg -l libcountermark1 2>/dev/null | grep -q ^ii; then
        echo 'NOT CHECKED: the Debian packages are installed here already'
    else
        check 'two Debian packages' bash integrations/packaging/deb.sh "$work/deb"
        installed=yes
        check 'dpkg installs them' dpkg --install "$work"/deb/*.deb
        check 'a compiler finds header and library without a flag' builds cc "$work/service.c" -lcountermark
        check 'dpkg removes them' dpkg --purge libcountermark-dev libcountermark1
        installed=no
    fi
else
    echo 'NOT CHECKED: the Debian packages (needs dpkg-deb, and root)'
fi

check 'cargo publish --dry-run' cargo publish --dry-run --allow-dirty -p countermark
check 'cargo doc without warnings' env RUSTDOCFLAGS='-D warnings' cargo doc --quiet --no-deps -p countermark

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
