# Sourced behind compare.sh, by bindings that are tried inside of a real server: an API that asks for a token and its proof.
# The caller's `ask` is curl with the server's socket; `compared` says how grep compares a field of the answer: x, or ix where the server
# writes names small.
# shellcheck shell=bash disable=SC2154

# A token, its proof and the key that issued it, of another library: the proof is of 2023.
proof=$(grep -m1 '"id":"jose ES256 plain"' tests/interop/proofs.node.jsonl)
text() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$proof"; }
issued_by() { sed -n 's/.*"keys":\({"keys":\[{[^]]*\]}\).*/\1/p' <<<"$proof"; }
url=http://api.example/orders/7
token=$(text token)
dpop=$(text dpop)

# answered STATUS VERDICT ARGUMENTS...: the HTTP status, and the verdict that stands beside it.
answered() {
    local status=$1 verdict=$2
    shift 2
    ask --include "$@" | tr -d '\r' >"$work/answer"
    cat "$work/answer"
    grep -q "^HTTP/1.1 $status" "$work/answer" && { [ -z "$verdict" ] || grep "-q$compared" "X-Verdict: $verdict" "$work/answer"; }
}

# What the API refuses, and says why.
refusals() {
    check 'no token: 401 CREDENTIALS_MISSING' answered 401 CREDENTIALS_MISSING "$url"
    check 'and a challenge without an error' grep "-q$compared" 'WWW-Authenticate: DPoP realm="api"' "$work/answer"
    check 'as a bearer token: 401 SCHEME' answered 401 SCHEME -H "Authorization: Bearer $token" -H "DPoP: $dpop" "$url"
    check 'without a proof: 401 POSSESSION_MISSING' answered 401 POSSESSION_MISSING -H "Authorization: DPoP $token" "$url"
    check 'for another URI: 401 PROOF_URI' answered 401 PROOF_URI -H "Authorization: DPoP $token" -H "DPoP: $dpop" "${url}1"
    check 'two proofs: 401 PROOF_REPEATED' answered 401 PROOF_REPEATED -H "Authorization: DPoP $token" -H "DPoP: $dpop" -H "DPoP: $dpop" "$url"
    check 'a token that was changed: 401 SIGNATURE' answered 401 SIGNATURE -H "Authorization: DPoP ${token%?}A" -H "DPoP: $dpop" "$url"
}

replayed() {
    local again
    for again in $(seq 40); do answered 401 REPLAYED -H "Authorization: DPoP $token" -H "DPoP: $dpop" "$url" || return 1; done
}
