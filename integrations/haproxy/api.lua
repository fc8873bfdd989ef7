-- An API behind HAProxy: tokens of one issuer, bound to a key, and proofs that are accepted once by all threads together.
local countermark = require "countermark"

local file = assert(io.open((os.getenv "COUNTERMARK_API" or "/etc/haproxy/") .. "api.json", "rb"))
local keys = countermark.must(countermark.jwks(file:read "a", { algorithms = { "ES256" } }))
file:close()
local policy = { issuers = { "https://login.example" }, audiences = { "https://api.example" }, holder = "dpop" }
local verifier = countermark.must(countermark.verifier({ keys }, policy, countermark.must(countermark.replay(100000))))

-- The values of a header field; HAProxy counts them from 0.
local function fields(headers, name)
    local values = {}
    for at = 0, headers[name] and #headers[name] or -1 do
        values[at + 1] = headers[name][at]
    end
    return values
end

-- http-request lua.admit: the claims are in txn.claims, or the request is answered.
core.register_action("admit", { "http-req" }, function(txn)
    local headers = txn.http:req_get_headers()
    local sent, accepted = fields(headers, "authorization"), nil
    local token, why = nil, nil
    if #sent < 2 then
        token, why = countermark.authorization(sent[1])
    end
    if token then
        accepted, why = verifier:verify(token, { evidence = {
            scheme = why, dpop = fields(headers, "dpop"), method = txn.sf:method(), uri = "https://api.example" .. txn.sf:path(),
        } })
    end
    if accepted then
        txn:set_var("txn.claims", accepted.json)
        return
    end
    local reply = txn:reply { status = why and why.http or 400 }
    reply:add_header("X-Verdict", why and why.name or "CREDENTIALS_REPEATED")
    local challenge = why and why:challenge { scheme = "DPoP", realm = "api" }
    if challenge then
        reply:add_header("WWW-Authenticate", challenge)
    end
    txn:done(reply)
end)
