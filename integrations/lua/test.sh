#!/usr/bin/env bash
# The Lua binding: its surface and every case of the project under LuaJIT, then both inside of Debian's nginx with its Lua module.
. "$(dirname "$0")/../conformance/compare.sh"
# nginx takes its pid file away when it has ended.
ended() {
    [ -f "$work/nginx/nginx.pid" ] && kill "$(cat "$work/nginx/nginx.pid")"
    local turn
    for turn in $(seq 50); do [ -f "$work/nginx/nginx.pid" ] && sleep 0.1; done
    rm -rf "$work"
}
trap ended EXIT
[ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] || install nginx libnginx-mod-http-lua
need make:make luajit:luajit2 curl:curl ps:procps
luajit -e 'require "cjson"' 2>/dev/null || install lua-cjson
build
export COUNTERMARK_LIBRARY=$shared LUA_PATH="integrations/lua/?.lua;;"
checks luajit integrations/lua/surface.lua
quick_start lua
answers luajit integrations/lua/cases.lua

echo 'nginx:'
mkdir "$work/nginx"
chmod a+rx "$work" # as root the workers are somebody else, as they are of the configuration that users copy
cp integrations/lua/*.lua integrations/lua/nginx.conf "$work/nginx"
# A token, its proof and its keys, of another library.
. integrations/conformance/api.sh
issued_by >"$work/nginx/api.json"
# The token is of 2023. A socket needs no free port. And the cases get a location of their own.
sed -i -e 's/{ evidence = {/{ now = 1700000000, evidence = {/' -e "s#listen .*#listen unix:$work/nginx/api.sock;#" \
    -e "/^    server {/r integrations/lua/cases.conf" "$work/nginx/nginx.conf"
# refuses REASON: with this key file nginx does not start, and says why.
refuses() {
    nginx -p "$work/nginx/" -c nginx.conf >"$work/refused" 2>&1 && return 1
    cat "$work/refused"
    grep -q "$1" "$work/refused"
}
mv "$work/nginx/api.json" "$work/api.json"
echo '{"keys":[' >"$work/nginx/api.json"
check 'a broken key file: nginx does not start, and names KEY_MALFORMED' refuses KEY_MALFORMED
mv "$work/api.json" "$work/nginx/api.json"
rm -f "$work/nginx/error.log"
check 'nginx -t' nginx -t -p "$work/nginx/" -c nginx.conf
check 'nginx starts' nginx -p "$work/nginx/" -c nginx.conf
[ "$(id -u)" -ne 0 ] || check 'its workers are not root' bash -c '! ps -o user= --ppid "$1" | grep -qx root' - "$(cat "$work/nginx/nginx.pid")"

ask() { curl --silent --max-time 20 --unix-socket "$work/nginx/api.sock" "$@"; }
compared=x
refusals
check 'two tokens: 400' answered 400 '' -H "Authorization: DPoP $token" -H "Authorization: DPoP $token" "$url"
check 'with its proof: 200, and the claims' answered 200 '' -H "Authorization: DPoP $token" -H "DPoP: $dpop" "$url"
check 'they are alice'"'"'s' grep -q '"sub":"alice"' "$work/answer"
check 'the same proof 40 times more, at two workers: 401 REPLAYED' replayed
answers curl --silent --fail --max-time 60 --unix-socket "$work/nginx/api.sock" --data-binary @- http://api.example/cases
check 'nginx logged nothing' test ! -s "$work/nginx/error.log"
reload_refused() {
    local turn
    echo '{"keys":[' >"$work/nginx/api.json"
    kill -HUP "$(cat "$work/nginx/nginx.pid")"
    for turn in $(seq 50); do grep -q KEY_MALFORMED "$work/nginx/error.log" || sleep 0.1; done
    grep KEY_MALFORMED "$work/nginx/error.log" && answered 401 REPLAYED -H "Authorization: DPoP $token" -H "DPoP: $dpop" "$url"
}
check 'a reload with a broken key file: refused, and the old workers go on' reload_refused
closing
