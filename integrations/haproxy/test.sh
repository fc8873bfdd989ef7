#!/usr/bin/env bash
# The module for plain Lua: its surface and every case of the project in Lua 5.3, also under AddressSanitizer, then both inside of Debian's
# HAProxy with two threads.
. "$(dirname "$0")/../conformance/compare.sh"
ended() {
    local file
    for file in "$work"/*.pid; do [ ! -f "$file" ] || kill "$(cat "$file")"; done
    sleep 0.5
    rm -rf "$work"
}
trap ended EXIT
need make:make haproxy:haproxy lua5.3:lua5.3 curl:curl
[ -e /usr/include/lua5.3/lua.h ] || install liblua5.3-dev
lua5.3 -e 'require "cjson"' 2>/dev/null || install lua-cjson
build
compiled() { cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC integrations/haproxy/countermark.c -Iinclude -I/usr/include/lua5.3 "$archive" -Wl,--exclude-libs,ALL "$@"; }
mkdir "$work/sanitized"
check 'the module, without a warning' compiled -O2 -o "$work/countermark.so"
check 'the module with sanitizers' compiled -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -o "$work/sanitized/countermark.so"
# The LuaJIT binding's own programs, without the binding.
cp integrations/lua/{surface,cases}.lua "$work"
export LUA_PATH="$work/?.lua;;" LUA_CPATH="$work/?.so;;"
checks lua5.3 "$work/surface.lua"
answers lua5.3 "$work/cases.lua"
mkdir -p "$work/tried/target/release"
cp -r include "$work/tried/"
ln -s "$archive" "$work/tried/target/release/"
quick_start haproxy
echo 'under AddressSanitizer:'
sanitized() { LD_PRELOAD="$(cc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 LUA_CPATH="$work/sanitized/?.so;;" "$@"; }
export -f sanitized
export work
checks bash -c 'sanitized lua5.3 "$work/surface.lua"'
answers bash -c 'sanitized lua5.3 "$work/cases.lua"'

echo 'HAProxy:'
# A token, its proof and its keys, of another library.
. integrations/conformance/api.sh
issued_by >"$work/api.json"
# The token is of 2023. Sockets need no free port. HAProxy stands in for the service behind it too.
# And the action fails when it is asked to.
sed -e 's/{ evidence = {/{ now = 1700000000, evidence = {/' -e '/core.register_action/a if txn.sf:req_fhdr("x-fail") ~= "" then error "it fails" end' \
    integrations/haproxy/api.lua >"$work/api.lua"
cp integrations/haproxy/cases_service.lua "$work"
sed -e "s#/etc/haproxy/#$work/#" -e "s#127.0.0.1:8080#unix@$work/api.sock#" -e "s#127.0.0.1:8081#unix@$work/orders.sock#" \
    integrations/haproxy/haproxy.cfg >"$work/haproxy.cfg"
cat >>"$work/haproxy.cfg" <<CFG

frontend service
    bind unix@$work/orders.sock
    http-request return status 200 content-type text/plain lf-string "%[req.hdr(X-Claims),b64dec] %[req.hdr(X_Claims),b64dec]"
CFG
# Another process judges the cases, for a process has one table of proofs, and the cases have this one too.
cat >"$work/cases.cfg" <<CFG
global
    nbthread 2
    lua-prepend-path $work/?.so cpath
    lua-prepend-path $work/?.lua
    lua-load $work/cases_service.lua
    tune.lua.service-timeout 60s

defaults
    mode http
    timeout client 60s

frontend cases
    bind unix@$work/cases.sock
    http-request use-service lua.cases
CFG
export COUNTERMARK_API=$work/
# refuses NAME REASON: with this key file HAProxy does not start, and says why with a file and a line.
refuses() {
    COUNTERMARK_API=$work/$1/ haproxy -c -f "$work/haproxy.cfg" >"$work/refused" 2>&1 && return 1
    cat "$work/refused"
    grep -q "api.lua:[0-9]*: .*$2" "$work/refused"
}
mkdir "$work/broken" "$work/none"
echo '{"keys":[' >"$work/broken/api.json"
check 'a broken key file: haproxy -c names KEY_MALFORMED and the line of api.lua' refuses broken 'KEY_MALFORMED'
check 'no key file: likewise' refuses none 'No such file'
check 'haproxy -c' haproxy -c -f "$work/haproxy.cfg"
check 'haproxy starts' haproxy -D -p "$work/haproxy.pid" -f "$work/haproxy.cfg"
check 'and another for the cases' haproxy -D -p "$work/cases.pid" -f "$work/cases.cfg"

ask() { curl --silent --max-time 20 --unix-socket "$work/api.sock" "$@"; }
compared=ix
refusals
check 'two tokens: 400 CREDENTIALS_REPEATED' answered 400 CREDENTIALS_REPEATED -H "Authorization: DPoP $token" -H "Authorization: DPoP $token" "$url"
# Else a service that is a proxy would take the claims out.
for named in X-Claims 'close, x-claims' x_claims; do
    check "the client's Connection: $named: 400" answered 400 '' -H "Connection: $named" "$url"
done
mallory=eyJzdWIiOiJtYWxsb3J5In0=
check 'claims of the client: not the service'"'"'s' answered 200 '' -H "X-Claims: $mallory" -H "X_Claims: $mallory" -H "x-claims_: $mallory" -H "Authorization: DPoP $token" -H "DPoP: $dpop" "$url"
check 'with its proof: the claims are alice'"'"'s' grep -q '"sub":"alice"' "$work/answer"
absent() { ! grep -q mallory "$work/answer"; }
check 'nor by X_Claims, which many applications read as X-Claims' absent
check 'the action fails: 500, and nothing reaches the service' answered 500 '' -H 'X-Fail: yes' "$url"
check 'the same proof 40 times more, at two threads: 401 REPLAYED' replayed
answers curl --silent --fail --max-time 60 --unix-socket "$work/cases.sock" -H 'Expect:' --data-binary @- http://api.example/cases
closing
