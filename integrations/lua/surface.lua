-- What a user of the binding may rely on beside verdicts: copies, lifetimes, refusals of wrong use.

local countermark = require "countermark"

local SECRET = "a secret of at least thirty-two bytes"
-- The token of the README's quick start.
local TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwiZXhwIjoyMDAwMDAwMDAwLCJzdWIiOiJhbGljZSJ9"
    .. ".Bhz3uM33ZOz3QDEpKfO3zC2rsGIyDtlLHMSoBaUBS6Y"
local ETERNAL = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwic3ViIjoiYWxpY2UifQ"
    .. ".qCYTA9j6rf5ljhLU8yZpsO_i6iH0StFjKopLtGgh28Y" -- the same without exp
local NOW, LATE = { now = 1900000000 }, { now = 2000000000 }
local failures = 0

local function check(what, truth)
    failures = failures + (truth and 0 or 1)
    print((truth and "ok: " or "FAILED: ") .. what)
end

-- Nothing of what it is made from is kept outside of it.
local function verifier_of(policy)
    local keys = assert(assert(countermark.keys { capacity = 1 }):add_secret("HS256", SECRET))
    policy = policy or {}
    policy.audiences = policy.audiences or { "https://api." .. ("example"):rep(1) }
    return countermark.verifier({ keys }, policy)
end

-- Whether what was called says this name, as its reason.
local function refuses(name, found, why)
    return found == nil and type(why) == "table" and why.name == name
end

local function raises(...)
    local fine, why = pcall(...)
    return not fine and type(why) == "string" and why:find("countermark:", 1, true) ~= nil
end

local verifier = assert(verifier_of())
local accepted = assert(verifier:verify(TOKEN, NOW))
check("the quick start's token says alice", accepted.json:find('"sub":"alice"', 1, true))
verifier = nil
collectgarbage()
collectgarbage()
check("claims are a copy: they outlive the verifier", accepted.json:find('"aud":"https://api.example"', 1, true))

-- Whatever was not kept would be collected and written over here, with compiled code too.
local alice = { "al", "ice" }
verifier = assert(verifier_of { subject = table.concat(alice), rights = { any_of = { sub = { table.concat(alice), "bob" } } } })
local wrong = 0
for turn = 1, 30000 do
    local found, why = verifier:verify(TOKEN .. (turn % 2 == 0 and "" or ("x"):rep(turn % 50 + 1)), NOW)
    if turn % 2 == 0 and not found or turn % 2 == 1 and found then
        wrong = wrong + 1
    end
    if turn % 500 == 0 then
        verifier_of()
        collectgarbage()
    end
end
check("30,000 verifications, the collector and the compiler at work", wrong == 0)
collectgarbage()
local before = collectgarbage "count"
for _ = 1, 20000 do
    verifier:verify(TOKEN, NOW)
end
collectgarbage()
collectgarbage()
check("20,000 verifications keep no memory", collectgarbage "count" - before < 1000)

local _, why = verifier_of({ subject = "bob" }):verify(TOKEN, LATE)
check("a rejection names every check that failed", why.failed[1] == "SUBJECT" and why.failed[2] == "EXPIRED" and #why.failed == 2 and why.stage == "policy")
check("and the answer to the client", why.http == 401 and why:challenge({ realm = "api" }):find('error="invalid_token"', 1, true))
check("and is a text for a log", tostring(why):find "^countermark: SUBJECT: ")

check("must() passes what there is, and makes an error of a refusal", countermark.must(1) == 1 and raises(countermark.must, nil, why))
local token, scheme = countermark.authorization "Bearer abc.def.ghi"
check("a token is taken from its header field", token == "abc.def.ghi" and scheme == "Bearer")
check("no header field is CREDENTIALS_MISSING", refuses("CREDENTIALS_MISSING", countermark.authorization(nil)))
check("two words are CREDENTIALS_MALFORMED", refuses("CREDENTIALS_MALFORMED", countermark.authorization "Bearer a b"))
check("an empty token is TOKEN_EMPTY", refuses("TOKEN_EMPTY", verifier:verify("", NOW)))
check("a token of 70,000 bytes is TOKEN_TOO_LARGE", refuses("TOKEN_TOO_LARGE", verifier:verify(("a"):rep(70000), NOW)))
check("a NUL is a byte like any other", refuses("SIGNATURE", verifier:verify(TOKEN .. "\0", NOW)))
check("an empty subject is asked for, not left out", refuses("SUBJECT", verifier_of({ subject = "" }):verify(TOKEN, NOW)))
check("a short secret is KEY_TOO_SHORT", refuses("KEY_TOO_SHORT", countermark.keys():add_secret("HS256", "short")))
local keys, full = countermark.keys { capacity = 1 }, false
for number = 1, 20 do
    full = full or refuses("REGION_TOO_SMALL", keys:add_secret("HS256", SECRET, tostring(number)))
end
check("a set that is full is REGION_TOO_SMALL", full)
check("a policy has no member that is spelt wrong", raises(verifier_of, { audience = { "x" } }))
check("nor one that is two names, or a part of them", raises(verifier_of, { ["issuers audiences"] = {} }) and raises(verifier_of, { ["audiences "] = {} })
    and raises(verifier_of, { [""] = {} }) and raises(verifier_of, { ["leeway\0"] = 5 }) and raises(verifier_of, { [1] = "sub" }))
check("nor rights, nor evidence", raises(verifier_of, { rights = { some_of = {} } }) and raises(verifier.verify, verifier, TOKEN, { evidence = { adress = "::1" } }))
check("-1 is no leeway, nor is half a second", raises(verifier_of, { leeway = -1 }) and raises(verifier_of, { leeway = 0.5 }))
check("a text is no list of texts", raises(verifier_of, { issuers = "https://login.example" }))
local SETS = { audiences = { ["https://api.example"] = true }, issuers = { nil, "https://login.example" }, require = { nil, "sub", name = "nbf" },
    algorithms = { ES256 = true } }
for name, set in pairs(SETS) do
    check("a set, or a list with a hole, is no list of " .. name, raises(verifier_of, { [name] = set }))
end
check("nor of the values of rights, nor of roles, nor of key sets",
    raises(verifier_of, { rights = { none_of = { sub = { nil, "alice" } } } })
    and raises(verifier_of, { fingerprint = { form = "sketch", pepper = ("x"):rep(16), weights = { fonts = 1 }, required = { fonts = true } } })
    and raises(verifier_of, { fingerprint = { form = "sketch", pepper = ("x"):rep(16), weights = { fonts = 1 }, optional = { nil, "fonts" } } })
    and raises(countermark.verifier, { set = countermark.keys() }) and raises(countermark.open_envelope, { nil, countermark.keys() }, "a"))
check("nor of proofs, of fields or of a component's elements", raises(verifier.verify, verifier, TOKEN, { evidence = { scheme = "DPoP", dpop = { nil, "a" } } })
    and raises(verifier.verify, verifier, TOKEN, { evidence = { headers = { accept = "text/html" } } })
    and raises(verifier.verify, verifier, TOKEN, { evidence = { components = { fonts = { nil, "a" } } } }))
check("exp is asked for, whatever else is", refuses("EXPIRY_MISSING", verifier_of({ require = { "sub" } }):verify(ETERNAL, NOW)))
check("unless the policy says so by its name", verifier_of({ require = { "sub" }, allow_missing_exp = true }):verify(ETERNAL, NOW))
check("which is true or false, as any_audience is", raises(verifier_of, { allow_missing_exp = "false" }) and raises(verifier_of, { allow_missing_exp = 0 })
    and raises(verifier_of, { any_audience = "false" }) and raises(verifier_of, { any_audience = 0 }))
check("false is no list, no rights and no fingerprint", raises(verifier_of, { issuers = false }) and raises(verifier_of, { rights = false })
    and raises(verifier_of, { fingerprint = false }) and raises(verifier_of, { max_age = false }) and raises(verifier_of, { require = false }))
local function says_nothing(...)
    local fine, what = pcall(...)
    return not fine and not tostring(what):find("s3cret", 1, true)
end
local set = countermark.keys()
check("no error repeats a secret: swapped arguments", says_nothing(set.add_secret, set, "s3cret", "HS256") and says_nothing(set.add_pem, set, "s3cret", "ES256")
    and says_nothing(set.add_rotating, set, "compat", "s3cret") and says_nothing(set.add_rotating, set, "s3cret", { mode = "s3cret" })
    and says_nothing(verifier_of, { holder = "s3cret" }) and says_nothing(verifier_of, { fingerprint = { form = "s3cret" } })
    and says_nothing(verifier_of, { algorithms = { "s3cret" } }))
local usual = verifier_of { token_bytes = 0 }
check("0 is the usual length of a token, as in C", usual:verify(TOKEN, NOW) and refuses("TOKEN_TOO_LARGE", usual:verify(("a"):rep(8193), NOW)))
check("a proof says under which scheme the token came", raises(verifier.verify, verifier, TOKEN, { evidence = { dpop = "a.b.c" } })
    and raises(verifier.verify, verifier, TOKEN, { evidence = { dpop = { "a.b.c" } } }))
check("where there is none it may be left out", verifier:verify(TOKEN, { now = NOW.now, evidence = { dpop = {}, method = "GET" } }))
check("a number is no token", raises(verifier.verify, verifier, 5, NOW))
for _, now in ipairs { 0 / 0, 1 / 0, -1 / 0, 2 ^ 64, 1.9e9 + 0.5, "1900000000", false } do
    check("now is whole seconds, and not " .. tostring(now), raises(verifier.verify, verifier, TOKEN, { now = now }))
end
check("proofs are not asked for without a table that remembers them", raises(verifier_of, { holder = "dpop" }))
local BINDING = "_nXamgpFi05NAlS3PRA6CcsRQ2BqOBqv0GvMtDtazHs" -- SHA-256 of the token and "channel"
local bound = assert(verifier_of { holder = "channel" })
check("a binding beside the token is met", bound:verify(TOKEN, { now = NOW.now, evidence = { channel = "channel", binding = BINDING } }))
check("but not by components of these names, which a page may choose", raises(bound.verify, bound, TOKEN,
    { now = NOW.now, evidence = { components = { ["ip.channel"] = "channel", ["ip.binding"] = BINDING } } }))
check("nor is a certificate a component", raises(bound.verify, bound, TOKEN, { now = NOW.now, evidence = { components = { ["ip.certificate"] = "DER" } } }))
check("what a host looks up by the address is", bound:verify(TOKEN, { now = NOW.now, evidence = { channel = "channel", binding = BINDING,
    components = { ["ip.asn"] = 64496, ["ip.country"] = "AT", ["ip.organisation"] = "example", ["ip.isp"] = "example", ["ip.address"] = "192.0.2.1" } } }))
check("a pepper of 15 bytes is PEPPER_TOO_SHORT", refuses("PEPPER_TOO_SHORT", verifier_of { fingerprint = { form = "sketch", pepper = ("x"):rep(15) } }))
check("a secret of 15 bytes for a table is PEPPER_TOO_SHORT", refuses("PEPPER_TOO_SHORT", countermark.replay(100, ("x"):rep(15))))
check("an envelope that is none is refused", refuses("TOKEN_NOT_COMPACT", countermark.open_envelope({ keys }, TOKEN)))
countermark.verifier({ keys })
check("keys that a verifier has are not changed", raises(keys.add_secret, keys, "HS256", SECRET, "2"))
os.exit(failures == 0 and 0 or 1)
