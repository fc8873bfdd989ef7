#!/usr/bin/env bash
# deb.sh DIRECTORY: two Debian packages there, for this machine. libcountermark1 has the shared library, libcountermark-dev the rest.
# Not for Debian itself, whose packages are built from Debian's own crates: for a host's own repository.
set -euo pipefail
output=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."

version=$(sed -n 's/^#define CMK_VERSION "\(.*\)"$/\1/p' include/countermark.h)
abi=$(sed -n 's/^#define CMK_ABI \([0-9]*\)u$/\1/p' include/countermark.h)
architecture=$(dpkg --print-architecture)
library=/usr/lib/$(cc -print-multiarch)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

make --silent install PREFIX=/usr LIBDIR="$library" DESTDIR="$stage/libcountermark-dev" >/dev/null
mkdir -p "$stage/libcountermark$abi$library"
mv "$stage/libcountermark-dev$library/libcountermark.so.$abi" "$stage/libcountermark$abi$library/"

# package NAME SECTION DEPENDS SUMMARY: one archive of what was staged under its name.
package() {
    local root=$stage/$1
    mkdir -p "$root/DEBIAN" "$root/usr/share/doc/$1"
    cp LICENSE-MIT "$root/usr/share/doc/$1/copyright"
    cat >"$root/DEBIAN/control" <<CONTROL
Package: $1
Version: $version
Architecture: $architecture
Multi-Arch: same
Section: $2
Priority: optional
Maintainer: whoever built this package <root@localhost>
Depends: $3
Description: $4
 Is a JWT genuine, current, meant for us, and in the hands of the client it was issued to? Without a heap.
CONTROL
    [ "$2" != libs ] || echo 'activate-noawait ldconfig' >"$root/DEBIAN/triggers"
    dpkg-deb --root-owner-group --build "$root" "$output/$1_${version}_$architecture.deb" >/dev/null
}

package "libcountermark$abi" libs libc6 'verification of JWTs and of the client that presents them'
package libcountermark-dev libdevel "libcountermark$abi (= $version)" 'verification of JWTs, to build programs with'
