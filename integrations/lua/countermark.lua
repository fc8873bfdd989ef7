-- Verify JWTs and who presents them: Countermark for LuaJIT and OpenResty, over its C library. One file, no dependency.
--
--     local keys = countermark.must(countermark.jwks(text, { issuer = "https://login.example" }))
--     local verifier = countermark.must(countermark.verifier({ keys }, { issuers = { "https://login.example" }, audiences = { "https://api.example" } }))
--     local accepted, rejected = verifier:verify(token)
--
-- What the library refuses is nil and a table that says why; must() makes an error of it, for a configuration that cannot go on (assert would
-- throw the table, which no log prints). Wrong use of the module is an error. Whatever comes back is a copy: nothing
-- points into the library's memory. The library is found as COUNTERMARK_LIBRARY says, or as the system finds libcountermark.so.1.

local ffi = require "ffi"

local ABI = 1

-- Out of include/countermark.h, as far as it is used.
ffi.cdef [[
typedef struct { const uint8_t *ptr; size_t len; } cmk_bytes;
typedef struct { void *region; size_t bytes; } cmk_keys;
typedef struct { uint32_t added, skipped; int32_t reason; uint8_t reasons[32]; } cmk_loaded;
typedef struct { size_t size; cmk_bytes claim; int32_t mode; uint32_t window, grace; } cmk_rotating;
typedef struct { cmk_bytes name, value; } cmk_header;
typedef struct { uint32_t number; cmk_bytes value; } cmk_component;
typedef struct {
    size_t size; const cmk_header *headers; size_t header_count; cmk_bytes address, asn, country, organisation, isp;
    const cmk_component *components; size_t component_count; cmk_bytes certificate, certificate_digest;
    const cmk_bytes *proofs; size_t proof_count; cmk_bytes method, uri, nonce, channel, binding; int32_t scheme;
} cmk_evidence;
typedef struct {
    size_t size; int32_t preset, framing, hash, encoding; cmk_bytes claim, pepper; const void *inputs; size_t input_count;
} cmk_recipe;
typedef struct { uint32_t number; cmk_bytes secret; } cmk_pepper;
typedef struct { uint32_t component, weight; int32_t role; uint32_t stability, coincidence; } cmk_weight;
typedef struct {
    size_t size; cmk_bytes claim; const cmk_pepper *peppers; size_t pepper_count; const cmk_weight *weights; size_t weight_count;
    const void *groups; size_t group_count; int32_t preset, stages, accept, step_up, coverage, drift, generation, behind, ahead,
    evidence_accept, evidence_step_up;
} cmk_sketch_rules;
typedef struct {
    size_t size; const int32_t *algs; size_t alg_count; cmk_bytes nonce_secret; uint32_t nonce_seconds; int32_t kind;
    uint32_t past_seconds, future_seconds, proof_bytes;
} cmk_dpop;
typedef struct { cmk_bytes path; const cmk_bytes *values; size_t value_count; int64_t number; int32_t test; uint32_t flags; } cmk_rule;
typedef struct {
    size_t size; const cmk_bytes *issuers; size_t issuer_count; const cmk_bytes *audiences; size_t audience_count; const cmk_bytes *require;
    size_t require_count; const cmk_bytes *acr; size_t acr_count; const int32_t *algs; size_t alg_count; cmk_bytes subject, typ, nonce;
    const cmk_recipe *digest; const void *sketch; uint32_t flags, leeway, max_age, auth_max_age, token_bytes, depth, members, candidates;
    const cmk_dpop *dpop; cmk_bytes channel; int32_t binding; uint32_t certificate; int32_t combination; uint32_t at_least, methods;
    int32_t shape; const cmk_rule *rules; size_t rule_count;
} cmk_policy;
typedef struct { size_t size; cmk_bytes token; int64_t now; const cmk_evidence *evidence; uint32_t flags; } cmk_request;
typedef struct { uint8_t digest[32]; int64_t expires_at; } cmk_use;
typedef struct { uint64_t opaque[1 + (2 * sizeof(void *) + 7) / 8]; } cmk_value;
typedef struct {
    int32_t status; uint32_t advice; uint64_t failures; int32_t similarity, evidence; uint32_t coverage, drift, generation, reasons;
    uint64_t matched[4], changed[4], missing[4], collect[4]; cmk_value step_up_subject; cmk_use to_commit; int32_t unmet;
} cmk_report;
typedef struct { cmk_bytes token; int32_t scheme; uint32_t reserved; } cmk_credentials;

uint32_t cmk_abi(void);
const char *cmk_status_name(int32_t status);
const char *cmk_status_sentence(int32_t status);
const char *cmk_stage_name(int32_t status);
int32_t cmk_http_status(int32_t status);
int32_t cmk_failures_next(uint64_t failures, int32_t after);
size_t cmk_verifier_bytes(void);
size_t cmk_claims_bytes(void);
size_t cmk_sketch_bytes(void);
size_t cmk_replay_bytes(void);
size_t cmk_replay_region_bytes(size_t uses);
size_t cmk_keys_head_bytes(size_t issuer_bytes);
int32_t cmk_keys_init(cmk_keys *keys, void *region, size_t bytes, cmk_bytes issuer);
int32_t cmk_keys_size_for(cmk_bytes jwks, const int32_t *algs, size_t alg_count, cmk_bytes issuer, size_t *bytes);
int32_t cmk_keys_add_jwks(cmk_keys *keys, cmk_bytes json, const int32_t *algs, size_t alg_count, cmk_loaded *loaded);
int32_t cmk_keys_add_secret(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes secret);
int32_t cmk_keys_add_pem(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes text);
int32_t cmk_keys_add_rotating(cmk_keys *keys, cmk_bytes kid, cmk_bytes base, const cmk_rotating *rotating);
int32_t cmk_sketch_init(void *sketch, const cmk_sketch_rules *rules);
int32_t cmk_verifier_init_abi(uint32_t abi, void *verifier, size_t bytes, const cmk_keys *sets, size_t count, const cmk_policy *policy);
int32_t cmk_scratch_bytes(const void *verifier, size_t token_bytes, size_t *bytes);
int32_t cmk_verify_abi(uint32_t abi, const void *verifier, const cmk_request *request, void *scratch, size_t scratch_bytes, void *claims,
                       size_t claims_bytes, cmk_report *report, size_t report_bytes);
int32_t cmk_verify_opaque_abi(uint32_t abi, const void *verifier, const cmk_request *request, void *scratch, size_t scratch_bytes,
                              cmk_bytes *payload, cmk_report *report, size_t report_bytes);
int32_t cmk_claims_json(const void *claims, cmk_bytes *json);
int32_t cmk_envelope_open(const cmk_keys *sets, size_t count, cmk_bytes envelope, void *scratch, size_t scratch_bytes, cmk_bytes *content);
int32_t cmk_replay_init(void *replay, void *region, size_t bytes, cmk_bytes secret);
int32_t cmk_replay_commit(const void *replay, const cmk_use *presented, int64_t now);
int32_t cmk_authorization(cmk_bytes value, cmk_credentials *found);
int32_t cmk_challenge(int32_t scheme, cmk_bytes realm, cmk_bytes scope, int32_t status, void *buffer, size_t bytes, cmk_bytes *value);

void *mmap(void *address, size_t length, int protection, int flags, int file, long offset);
int munmap(void *address, size_t length);
]]

local cmk = ffi.load(os.getenv "COUNTERMARK_LIBRARY" or "libcountermark.so.1")
if cmk.cmk_abi() ~= ABI then
    error("countermark: the library has ABI " .. cmk.cmk_abi() .. ", this module " .. ABI)
end

local function numbered(numbers, first, names)
    for name in names:gmatch "%S+" do
        numbers[name], first = first, first + 1
    end
    return numbers
end

local ALGORITHMS = numbered({ Ed25519 = 14 }, 1,
    "HS256 HS384 HS512 ES256 ES384 ES512 ES256K RS256 RS384 RS512 PS256 PS384 PS512 EdDSA ML-DSA-44 ML-DSA-65 ML-DSA-87")
local COMPONENTS = {}
for first, names in pairs {
    [1] = "ip.address ip.network ip.asn ip.country ip.organisation ip.isp",
    [16] = "ua.family ua.version ua.os ua.device ch.brands ch.platform ch.mobile accept-language upgrade-insecure-requests accept-encoding accept header.names privacy",
    [32] = "screen.size screen.depth timezone languages platform touch cpu.cores memory",
    [48] = "fonts plugins features", [64] = "canvas audio webgl.vendor webgl.renderer webgl.parameters",
    [80] = "incognito battery network.type input.devices", [96] = "tls.ja4 http2", [112] = "cookie",
} do
    numbered(COMPONENTS, first, names)
end
local PRESETS = numbered({}, 1, "headers headers-strict browser uniform stalker stalker-strict device")
local SHAPES = numbered({}, 0, "signed signed-then-encrypted encrypted-then-signed")
local SCHEMES = { Bearer = 1, DPoP = 2 }
local MODES = { compat = 1, derived = 2 }
-- The methods of proving possession of which one must be met (CMK_METHOD_...); whatever a token's cnf names must be met besides.
local HOLDERS = { none = 0, certificate = 8, dpop = 4, channel = 32, any = 4 + 8 + 16 }
local BINDING, ANY_OF = 32, 1
-- What a host looks up by the address has members of its own. No other component has: its name may be a page's choice.
local LOOKED_UP = { ["ip.asn"] = "asn", ["ip.country"] = "country", ["ip.organisation"] = "organisation", ["ip.isp"] = "isp" }

-- The number of a name; a name that is none is the caller's slip, as is a member that is none, and a number that C would wrap. The error
-- does not repeat the name: swapped arguments make it a secret.
local function known(numbers, name, what)
    return name ~= nil and numbers[name] or error("countermark: no such " .. what, 0)
end

local function only(given, names, what)
    if type(given) ~= "table" then
        error("countermark: " .. what .. " is a table", 0)
    end
    for name in pairs(given) do
        if type(name) ~= "string" or name:find " " or not (" " .. names .. " "):find(" " .. name .. " ", 1, true) then
            error("countermark: " .. what .. " has no " .. tostring(name), 0)
        end
    end
end

local function whole(value, name)
    if type(value) ~= "number" or value < 0 or value > 0xffffffff or value % 1 ~= 0 then
        error("countermark: " .. name .. " is a whole number of 32 bits", 0)
    end
    return value
end

-- What is given, false too, or what is usual.
local function otherwise(given, usual)
    if given == nil then
        return usual
    end
    return given
end

-- A leniency is asked for by true alone: the text "false" and 0 would be true.
local function flag(given, name)
    local value = otherwise(given[name], false)
    if type(value) ~= "boolean" then
        error("countermark: " .. name .. " is true or false", 0)
    end
    return value and 1 or 0
end

local Rejected = {}
Rejected.__index = Rejected
Rejected.__tostring = function(self) return "countermark: " .. self.name .. ": " .. self.sentence end

-- What assert() and a log can print: name, sentence, stage, http (the status of the answer), failed (the name of every failed check).
local function rejected(status, report)
    local self = setmetatable({
        status = status, name = ffi.string(cmk.cmk_status_name(status)), sentence = ffi.string(cmk.cmk_status_sentence(status)),
        stage = ffi.string(cmk.cmk_stage_name(status)), http = cmk.cmk_http_status(status), failed = {},
    }, Rejected)
    local after = report and cmk.cmk_failures_next(report.failures, 0) or 0
    while after ~= 0 do
        self.failed[#self.failed + 1] = ffi.string(cmk.cmk_status_name(after))
        after = cmk.cmk_failures_next(report.failures, after)
    end
    self.failed[1] = self.failed[1] or self.name
    self.similarity = report and report.similarity >= 0 and report.similarity or nil
    return self
end

-- Memory of ours that is zeroed when it is collected.
local function taken(bytes)
    return ffi.gc(ffi.new("uint64_t[?]", math.max(1, math.ceil(tonumber(bytes) / 8))), function(memory) ffi.fill(memory, tonumber(bytes)) end)
end

-- Below, `keep` is a table that holds what the library has addresses of: cdata knows nothing of what it points to. It is used after each call
-- (by `after`), so that neither collector nor compiler takes it for dead before.
local function after(keep, status)
    keep.status = status
    return status
end

-- nil is no bytes at all; an empty text is a text.
local function bytes(keep, text)
    if text == nil then
        return ffi.new "cmk_bytes"
    end
    if type(text) ~= "string" then
        error("countermark: a text, not a " .. type(text), 0)
    end
    keep[#keep + 1] = text
    return ffi.new("cmk_bytes", ffi.cast("const uint8_t *", text), #text)
end

local function list(keep, kind, items)
    if #items == 0 then
        return nil, 0
    end
    local array = ffi.new(kind .. "[?]", #items)
    for position, item in ipairs(items) do
        array[position - 1] = item
    end
    keep[#keep + 1] = array
    return array, #items
end

-- The caller's list, if it is one from 1 on: a set counts as empty, and a list with a hole as far as the hole, so that a policy would ask less.
local function listed(given, name)
    local count, is_list = 0, type(given) == "table"
    for _ in pairs(is_list and given or {}) do
        count = count + 1
        is_list = is_list and given[count] ~= nil
    end
    if not is_list then
        error("countermark: " .. name .. " is a list, without a hole", 0)
    end
    return given
end

local function texts(keep, given, name)
    local items = {}
    for position, text in ipairs(listed(given, name)) do
        items[position] = bytes(keep, text)
    end
    return list(keep, "cmk_bytes", items)
end

local function algorithms(keep, names)
    local numbers = {}
    for position, name in ipairs(listed(otherwise(names, {}), "algorithms")) do
        numbers[position] = known(ALGORITHMS, name, "algorithm")
    end
    return list(keep, "int32_t", numbers)
end

-- A structure that says its size.
local function sized(keep, kind)
    local made = ffi.new(kind)
    made.size = ffi.sizeof(kind)
    keep[#keep + 1] = made
    return made
end

local function copy(found)
    return ffi.string(found.ptr, found.len)
end

-- The names of a table in order.
local function names_of(given)
    local names = {}
    for name in pairs(given) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

-- The number of a component; one of the host's own is called by its number.
local function component(name)
    return COMPONENTS[name] or (tostring(name):match "^[12]%d%d$" and tonumber(name)) or error("countermark: no component " .. tostring(name), 0)
end

local Keys = {}
Keys.__index = Keys

local function new_keys(issuer, size)
    local self, keep = setmetatable({ keys = ffi.new "cmk_keys", region = taken(size) }, Keys), {}
    local status = after(keep, cmk.cmk_keys_init(self.keys, self.region, math.ceil(size / 8) * 8, bytes(keep, issuer)))
    if status ~= 0 then
        return nil, rejected(status)
    end
    return self
end

local function add(self, status)
    if status ~= 0 then
        return nil, rejected(status)
    end
    return self
end

local function unshared(self)
    if self.is_shared then
        error("countermark: a verifier has these keys; make a new set and a new verifier", 0)
    end
    return self.keys
end

function Keys:add_secret(algorithm, secret, kid)
    local keep = {}
    return add(self, after(keep, cmk.cmk_keys_add_secret(unshared(self), known(ALGORITHMS, algorithm, "algorithm"), bytes(keep, kid), bytes(keep, secret))))
end

-- A block PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE.
function Keys:add_pem(algorithm, text, kid)
    local keep = {}
    return add(self, after(keep, cmk.cmk_keys_add_pem(unshared(self), known(ALGORITHMS, algorithm, "algorithm"), bytes(keep, kid), bytes(keep, text))))
end

-- A secret for each user and each window of time, derived from a base. options: mode, claim, window, grace, kid.
function Keys:add_rotating(base, options)
    local keep, given = {}, options or {}
    only(given, "mode claim window grace kid", "a rotating secret")
    local rules = sized(keep, "cmk_rotating")
    rules.claim, rules.mode = bytes(keep, given.claim or "userId"), known(MODES, given.mode or "compat", "mode")
    rules.window, rules.grace = whole(given.window or 86400, "window"), whole(given.grace or 0, "grace")
    return add(self, after(keep, cmk.cmk_keys_add_rotating(unshared(self), bytes(keep, given.kid), bytes(keep, base), rules)))
end

local Replay = {}
Replay.__index = Replay

local Verifier = {}
Verifier.__index = Verifier

local function rules_of(keep, rights)
    local rules = {}
    only(rights, "all_of any_of none_of", "rights")
    for test, name in ipairs { "all_of", "any_of", "none_of" } do
        for _, path in ipairs(names_of(otherwise(rights[name], {}))) do
            local rule = ffi.new "cmk_rule"
            rule.path, rule.test = bytes(keep, path), test
            rule.values, rule.value_count = texts(keep, rights[name][path], path)
            rules[#rules + 1] = rule
        end
    end
    return list(keep, "cmk_rule", rules)
end

local function digest_of(keep, given)
    only(given, "form claim preset", "a digest")
    if (given.preset or "compat") ~= "compat" then
        error("countermark: a digest has the preset compat", 0)
    end
    local recipe = sized(keep, "cmk_recipe")
    recipe.preset, recipe.claim = 2, bytes(keep, given.claim or "fp")
    return recipe
end

-- A sketch, or nil and why the library refuses it.
local function sketch_of(keep, given)
    only(given, "form claim preset pepper accept step_up coverage drift weights optional required", "a sketch")
    local rules = sized(keep, "cmk_sketch_rules")
    rules.claim, rules.preset = bytes(keep, given.claim or "cmk"), known(PRESETS, given.preset or "browser", "preset")
    rules.peppers, rules.pepper_count = list(keep, "cmk_pepper", { ffi.new("cmk_pepper", 0, bytes(keep, given.pepper or "")) })
    for _, name in ipairs { "accept", "step_up", "coverage", "drift" } do
        rules[name] = given[name] == nil and -1 or whole(given[name], name)
    end
    rules.generation, rules.behind, rules.ahead, rules.evidence_accept, rules.evidence_step_up = -1, -1, -1, -2 ^ 31, -2 ^ 31
    if given.weights == nil and (given.optional or given.required) then
        error("countermark: optional and required need weights", 0)
    end
    local weights, roles = {}, {}
    for role, names in ipairs { given.optional or {}, given.required or {} } do
        for _, name in ipairs(listed(names, "a role's components")) do
            roles[component(name)] = role
            -- A required component without a weight is compared all the same, and is in no sum.
            weights[component(name)] = role == 2 and 0 or nil
        end
    end
    for name, weight in pairs(given.weights or {}) do
        weights[component(name)] = whole(weight, name)
    end
    local items = {}
    for _, number in ipairs(names_of(weights)) do
        items[#items + 1] = ffi.new("cmk_weight", number, weights[number], roles[number] or 0)
    end
    rules.weights, rules.weight_count = list(keep, "cmk_weight", items)
    local sketch = taken(cmk.cmk_sketch_bytes())
    keep[#keep + 1] = sketch
    local status = cmk.cmk_sketch_init(sketch, rules)
    if status ~= 0 then
        return nil, rejected(status)
    end
    return sketch
end

local function evidence_of(keep, given)
    only(given, "address headers components certificate dpop scheme method uri nonce channel binding", "evidence")
    local evidence, headers, supplied, longest = sized(keep, "cmk_evidence"), {}, {}, 0
    for _, name in ipairs { "address", "certificate", "method", "uri", "nonce", "channel", "binding" } do
        evidence[name] = bytes(keep, given[name])
    end
    for position, header in ipairs(listed(given.headers or {}, "headers")) do
        headers[position] = ffi.new("cmk_header", bytes(keep, header[1]), bytes(keep, header[2]))
    end
    evidence.headers, evidence.header_count = list(keep, "cmk_header", headers)
    -- One field is a text; of several the host has a table, which the library refuses.
    local proofs = type(given.dpop) == "string" and { given.dpop } or given.dpop or {}
    evidence.proofs, evidence.proof_count = texts(keep, proofs, "dpop")
    if #proofs > 0 and given.scheme == nil then
        error("countermark: beside a proof the evidence says scheme: what the token came under", 0)
    end
    evidence.scheme = known(SCHEMES, otherwise(given.scheme, "Bearer"), "scheme")
    for _, proof in ipairs(proofs) do
        longest = math.max(longest, math.min(#proof, 8192))
    end
    for _, name in ipairs(names_of(given.components or {})) do
        local value = given.components[name]
        local values = type(value) ~= "table" and { value } or listed(value, name)
        for _, one in ipairs(#values > 0 and values or { "" }) do -- the empty set is the set of one empty element
            local text = bytes(keep, type(one) == "number" and ("%.0f"):format(one) or type(one) == "boolean" and tostring(one) or one)
            if LOOKED_UP[name] then
                evidence[LOOKED_UP[name]] = text
            else
                supplied[#supplied + 1] = ffi.new("cmk_component", component(name), text)
            end
        end
    end
    evidence.components, evidence.component_count = list(keep, "cmk_component", supplied)
    return evidence, longest
end

-- The request and its scratch, in what keeps them.
local function request_of(self, keep, token, options)
    only(options, "now evidence", "a request")
    if type(token) ~= "string" then
        error("countermark: a token is a text, not a " .. type(token), 0)
    end
    local request, longest, size = sized(keep, "cmk_request"), 0, ffi.new "size_t[1]"
    local now = otherwise(options.now, ngx and ngx.time() or os.time())
    if type(now) ~= "number" or now % 1 ~= 0 or now < -2 ^ 53 or now > 2 ^ 53 then
        error("countermark: now is in whole seconds", 0)
    end
    request.token, request.now = bytes(keep, token), now
    if options.evidence then
        request.evidence, longest = evidence_of(keep, options.evidence)
    end
    local status = cmk.cmk_scratch_bytes(self.verifier, math.min(#token, self.token_bytes), size)
    if status ~= 0 then
        error(tostring(rejected(status)), 0)
    end
    local bytes_needed = tonumber(size[0]) + longest + math.floor(longest / 16) + 8
    local scratch = taken(bytes_needed)
    keep[#keep + 1] = scratch
    return request, scratch, bytes_needed
end

-- What the token says: json (the claims as they stand in it), similarity, reissue. Or nil, and why not. options: now, evidence.
function Verifier:verify(token, options)
    local keep, report, text = {}, ffi.new "cmk_report", ffi.new "cmk_bytes"
    local request, scratch, size = request_of(self, keep, token, options or {})
    local claims = taken(cmk.cmk_claims_bytes())
    local status = cmk.cmk_verify_abi(ABI, self.verifier, request, scratch, size, claims, cmk.cmk_claims_bytes(), report, ffi.sizeof(report))
    if status == 0 and report.to_commit.expires_at ~= 0 then
        status = cmk.cmk_replay_commit(self.replay.table, report.to_commit, request.now)
    end
    if after(keep, status) ~= 0 then
        return nil, rejected(status, report)
    end
    cmk.cmk_claims_json(claims, text)
    local accepted = { json = copy(text), similarity = report.similarity >= 0 and report.similarity or nil, reissue = report.advice % 2 == 1 }
    after(keep, claims)
    return accepted
end

-- The payload of a JWS that is no claims set. It says nothing of time, issuer, audience or holder. Never for a JWT.
function Verifier:verify_opaque(token)
    local keep, report, payload = {}, ffi.new "cmk_report", ffi.new "cmk_bytes"
    local request, scratch, size = request_of(self, keep, token, { now = 0 })
    local status = cmk.cmk_verify_opaque_abi(ABI, self.verifier, request, scratch, size, payload, report, ffi.sizeof(report))
    local found = status == 0 and copy(payload)
    if after(keep, status) ~= 0 then
        return nil, rejected(status, report)
    end
    return found
end

-- The value of WWW-Authenticate; nil beside 500 and 503. options: scheme, realm, scope.
function Rejected:challenge(options)
    if self.http >= 500 then
        return nil
    end
    local keep, given, buffer, value = {}, options or {}, ffi.new "uint8_t[1024]", ffi.new "cmk_bytes"
    local status = cmk.cmk_challenge(known(SCHEMES, given.scheme or "Bearer", "scheme"), bytes(keep, given.realm), bytes(keep, given.scope),
        self.status, buffer, 1024, value)
    local text = copy(value)
    after(keep, buffer)
    return after(keep, status) == 0 and text or nil
end

local countermark = { algorithms = ALGORITHMS }

-- The value, or an error that says why there is none.
function countermark.must(value, why)
    return value or error(tostring(why), 2)
end

-- An empty set with room for so many keys. With an issuer its keys verify tokens of that issuer only. options: issuer, capacity.
function countermark.keys(options)
    local given = options or {}
    only(given, "issuer capacity", "a key set")
    -- 1176: CMK_KEY_BYTES_MAX, the most that one key takes.
    return new_keys(given.issuer, tonumber(cmk.cmk_keys_head_bytes(#(given.issuer or ""))) + whole(given.capacity or 4, "capacity") * 1176)
end

-- The usable keys of a JWK Set. A key without alg gets the only one of the algorithms that fits its type. options: issuer, algorithms.
function countermark.jwks(text, options)
    local given, keep, size = options or {}, {}, ffi.new "size_t[1]"
    only(given, "issuer algorithms", "a key set")
    local algs, count = algorithms(keep, given.algorithms)
    local json = bytes(keep, text)
    local status = cmk.cmk_keys_size_for(json, algs, count, bytes(keep, given.issuer), size)
    if status ~= 0 then
        return nil, rejected(status)
    end
    local self, why = new_keys(given.issuer, tonumber(size[0]))
    if not self then
        return nil, why
    end
    return add(self, after(keep, cmk.cmk_keys_add_jwks(self.keys, json, algs, count, ffi.new "cmk_loaded")))
end

-- A table that remembers proofs, so that each is accepted once; for so many at a time: the rate of requests times 360 seconds. Processes
-- that are forked from this one share it, as nginx's workers do that of init_by_lua. secret: 16 random bytes or more; nil: of the system's.
function countermark.replay(uses, secret)
    if secret == nil then
        local random = assert(io.open("/dev/urandom", "rb"))
        secret = assert(random:read(32))
        random:close()
    end
    local size, keep = tonumber(cmk.cmk_replay_region_bytes(whole(uses, "uses"))), {}
    local region = ffi.C.mmap(nil, size, 3, 0x21, -1, 0) -- read and write, shared and anonymous
    if ffi.cast("intptr_t", region) == -1 then
        error("countermark: no memory for the table", 0)
    end
    local self = setmetatable({ table = taken(cmk.cmk_replay_bytes()), region = ffi.gc(region, function(memory) ffi.C.munmap(memory, size) end) }, Replay)
    return add(self, after(keep, cmk.cmk_replay_init(self.table, region, size, bytes(keep, secret))))
end

-- Key sets and a policy, checked once. The policy's members: see ../conformance/README.md. replay: for proofs.
function countermark.verifier(sets, policy, replay)
    local keep, given = {}, policy or {}
    only(given, "algorithms issuers audiences any_audience subject typ leeway require allow_missing_exp max_age token_bytes shape fingerprint holder rights", "a policy")
    local holder = known(HOLDERS, given.holder or "none", "holder")
    if (given.holder == "dpop" or given.holder == "any") and getmetatable(replay) ~= Replay then
        error("countermark: proofs are accepted once only by a verifier with a replay table", 0)
    end
    local c = sized(keep, "cmk_policy")
    c.algs, c.alg_count = algorithms(keep, given.algorithms)
    c.issuers, c.issuer_count = texts(keep, otherwise(given.issuers, {}), "issuers")
    c.audiences, c.audience_count = texts(keep, otherwise(given.audiences, {}), "audiences")
    c.require, c.require_count = texts(keep, otherwise(given.require, {}), "require")
    c.subject, c.typ, c.shape = bytes(keep, given.subject), bytes(keep, given.typ), known(SHAPES, given.shape or "signed", "shape")
    c.flags = flag(given, "any_audience") + 2 * flag(given, "allow_missing_exp")
    for _, name in ipairs { "leeway", "max_age", "token_bytes" } do
        c[name] = whole(otherwise(given[name], 0), name)
    end
    c.rules, c.rule_count = rules_of(keep, otherwise(given.rights, {}))
    if holder ~= 0 then
        c.dpop = replay and sized(keep, "cmk_dpop") -- without a table a token that is bound to a proof's key is refused
        c.certificate, c.channel, c.combination, c.methods = 1, bytes(keep, "tls-exporter#S256"), ANY_OF, holder
        c.binding = holder == BINDING and 1 or 0
    end
    local fingerprint, why = given.fingerprint, nil
    local form = type(fingerprint) == "table" and fingerprint.form
    if form == "digest" then
        c.digest = digest_of(keep, fingerprint)
    elseif form == "sketch" then
        c.sketch, why = sketch_of(keep, fingerprint)
    elseif fingerprint ~= nil then
        error("countermark: a fingerprint has the form digest or sketch", 0)
    end
    if why then
        return nil, why
    end
    local items = {}
    for position, set in ipairs(listed(sets, "key sets")) do
        items[position], set.is_shared = set.keys, true
        keep[#keep + 1] = set
    end
    local array, count = list(keep, "cmk_keys", items)
    local self = setmetatable({ keep = keep, replay = replay, token_bytes = c.token_bytes == 0 and 8192 or c.token_bytes, verifier = taken(cmk.cmk_verifier_bytes()) }, Verifier)
    return add(self, cmk.cmk_verifier_init_abi(ABI, self.verifier, cmk.cmk_verifier_bytes(), array, count, c))
end

-- The content of a JWE alone, of at most 8192 bytes. It says nothing about who made it, or when.
function countermark.open_envelope(sets, envelope)
    local keep, items, content = {}, {}, ffi.new "cmk_bytes"
    for position, set in ipairs(listed(sets, "key sets")) do
        items[position] = set.keys
    end
    local array, count = list(keep, "cmk_keys", items)
    local size = #envelope + math.floor(#envelope / 16) + 8
    local scratch = taken(size)
    local status = cmk.cmk_envelope_open(array, count, bytes(keep, envelope), scratch, size, content)
    local found = status == 0 and copy(content)
    keep[#keep + 1] = { scratch, sets }
    if after(keep, status) ~= 0 then
        return nil, rejected(status)
    end
    return found
end

-- The token and the scheme of an Authorization field, which may be nil. Or nil, and why not.
function countermark.authorization(value)
    local keep, found = {}, ffi.new "cmk_credentials"
    local status = cmk.cmk_authorization(bytes(keep, value), found)
    local token = status == 0 and copy(found.token)
    if after(keep, status) ~= 0 then
        return nil, rejected(status)
    end
    return token, found.scheme == 2 and "DPoP" or "Bearer"
end

return countermark
