#!/bin/sh
# A token of five minutes for Alice by the secret of keys.json, to try the service with. `sh token.sh orders:read` gives it a scope.
cd "$(dirname "$0")" || exit 1
encode() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
secret=$(sed 's/.*"k":"\([^"]*\)".*/\1=/' keys.json | tr -- '-_' '+/' | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
now=$(date +%s)
header=$(printf '{"alg":"HS256","typ":"at+jwt"}' | encode)
claims=$(printf '{"iss":"https://login.example","aud":"https://api.example","sub":"alice","jti":"%s","scope":"%s","iat":%d,"exp":%d}' \
    "$(openssl rand -hex 16)" "${1:-}" "$now" "$((now + 300))" | encode)
signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -binary | encode)
echo "$header.$claims.$signature"
