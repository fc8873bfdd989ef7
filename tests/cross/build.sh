# Sourced by .ci/firmware, .ci/cross, .ci/sizes and .ci/panics: packages by name, the C library for any target, and counting.
# shellcheck shell=bash

set -euo pipefail
export LC_ALL=C

readonly FEATURES_HS256=hs256
readonly FEATURES_ES256=hs256,es256
# An RSA key comes as PKCS#1.
readonly FEATURES_RS256=hs256,rs256,spki
readonly FEATURES_ED25519=hs256,ed25519
readonly FEATURES_ES384=hs256,es384
readonly FEATURES_SKETCH=hs256,fingerprint,sketch,issue
# What the C library has unless told otherwise.
FEATURES_ALL=hs256,hs384,hs512,es256,es384,es512,es256k,rs256,rs384,rs512,ps256,ps384,ps512,ed25519
FEATURES_ALL=$FEATURES_ALL,spki,certificate,pem,fingerprint,sketch,md5,dpop,mtls,channel,carrier,issue,replay,prepared
readonly FEATURES_ALL=$FEATURES_ALL,rotating,revocation,status-list,cache,risk,session,throttle,rights,envelope,ecdh

# Absolute: cargo and the linkers are called from different places.
output=${CARGO_TARGET_DIR:-target}
mkdir -p "$output/bare"
output=$(cd "$output" && pwd)
export CARGO_TARGET_DIR=$output
readonly output

passed=0
failed=0

pass() {
    passed=$((passed + 1))
    printf 'ok      %s\n' "$1"
}

fail() {
    failed=$((failed + 1))
    printf 'FAILED  %s\n' "$1"
}

# check NAME COMMAND...: one case that passes when the command does.
check() {
    local name=$1
    shift
    if "$@"; then pass "$name"; else fail "$name"; fi
}

# at_most NAME VALUE BUDGET UNIT
at_most() {
    if [ "$2" -le "$3" ]; then pass "$1: $2 of $3 $4"; else fail "$1: $2 of $3 $4"; fi
}

# The last line of a script: the counts, and success only when something ran and nothing failed.
closing() {
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

say() {
    printf '+ %s\n' "$*" >&2
    "$@"
}

# need PACKAGE...: Debian packages that are not there yet.
need() {
    bash .ci/need "$@"
}

# has_target TARGET: whether the Rust in use has a ready-made `core` for it.
has_target() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

# named FEATURES: a set of features as a part of a file's name; all of them would be too long.
named() {
    if [ "$1" = "$FEATURES_ALL" ]; then echo all; else echo "${1//,/-}"; fi
}

# archive TARGET FEATURES OPT_LEVEL: builds the static C library and says in `library` where it lies.
archive() {
    local target=$1 features=$2 level=$3 ready=() environment=()
    if has_target "$target"; then
        ready=(--target "$target")
    else
        # The distribution's compiler and library source are of one version, which -Zbuild-std asks for.
        need rustc-web rust-web-src
        ready=(--target "$target" -Zbuild-std=core)
        environment=(RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1)
    fi
    case $target in
    # SHA-2 as loops instead of straight lines: a fifth of the flash, and half again the instructions of a block.
    *-none-*) environment+=("RUSTFLAGS=${BARE_RUSTFLAGS---cfg sha2_backend_soft=\"compact\"}") ;;
    esac
    say env "${environment[@]}" CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" nice cargo rustc --quiet --locked --release \
        -p countermark-lib --crate-type staticlib --no-default-features --features "$features" "${ready[@]}"
    library=$output/bare/$target-$level-$(named "$features").a
    cp "$output/$target/release/libcountermark.a" "$library"
}

# A Rust v0 symbol's path, as far as it needs no demangler.
demangled() {
    if command -v rustfilt >/dev/null; then
        rustfilt "$1" | cut -c1-110
    else
        printf '%.110s\n' "$1"
    fi
}
