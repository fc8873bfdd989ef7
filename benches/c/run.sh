#!/usr/bin/env bash
# Builds the C library as it is released and times whole tokens through it beside Debian's libjwt and cjose, which are
# installed by name when they are missing. About half a minute; with --quick about five seconds.
cd "$(dirname "$0")/../.."
. tests/cross/build.sh
need gcc pkg-config libssl-dev libjansson-dev libjwt-dev libcjose-dev
say nice cargo build --quiet --locked --release -p countermark-lib
say gcc -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -Wall -Wextra -Wpedantic -Wconversion -Werror -Iinclude benches/c/libraries.c \
    "$output/release/libcountermark.a" $(pkg-config --cflags --libs libjwt cjose jansson libcrypto) -o "$output/bare/libraries"
printf 'libjwt %s, cjose %s, OpenSSL %s, jansson %s\n' $(for name in libjwt cjose libcrypto jansson; do pkg-config --modversion $name; done)
"$output/bare/libraries" "$@"
