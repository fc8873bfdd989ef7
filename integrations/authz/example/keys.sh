#!/bin/sh
# Writes a key set with one new secret, to try the service with. In earnest keys.json is your issuer's public key set.
printf '{"keys":[{"kty":"oct","alg":"HS256","k":"%s"}]}\n' "$(openssl rand 32 | openssl base64 -A | tr '+/' '-_' | tr -d '=')"
