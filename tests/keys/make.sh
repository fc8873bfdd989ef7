#!/usr/bin/env bash
# Makes the test keys of this folder anew with OpenSSL: an encoder that is not the tests' own. They protect nothing.
# For each key: NAME.key.pem (PKCS#8), NAME.spki.pem, NAME.cert.pem, and for RSA NAME.pkcs1.pem.
set -euo pipefail
cd "$(dirname "$0")"
make() {
    local name=$1
    shift
    openssl genpkey "$@" -out "$name.key.pem" 2>/dev/null
    openssl pkey -in "$name.key.pem" -pubout -out "$name.spki.pem"
    openssl req -new -x509 -key "$name.key.pem" -subj "/CN=Countermark test/O=$name" -days 36500 -set_serial 1 -out "$name.cert.pem"
}
for bits in 2048 3072 4096; do
    make "rsa$bits" -algorithm RSA -pkeyopt "rsa_keygen_bits:$bits"
    openssl rsa -in "rsa$bits.key.pem" -RSAPublicKey_out -out "rsa$bits.pkcs1.pem" 2>/dev/null
done
make p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
make p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
make k256 -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1
make ed25519 -algorithm ED25519
make x25519 -algorithm X25519 2>/dev/null || rm -f x25519.cert.pem
