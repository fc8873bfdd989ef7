-- Judges conformance cases through the binding: JSON lines in, JSON lines out, as `cargo run --example conformance` does.
--
-- A case that the binding cannot say is answered `skipped: WHY`. Lines are read as cjson reads JSON: what is no case is not judged here.

local cjson = require "cjson"
local countermark = require "countermark"

local replay = assert(countermark.replay(10000, "thirty-two bytes, for tests only"))
local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

local function decoded(text)
    local bytes, bits, count = {}, 0, 0
    for char in text:gmatch "." do
        bits, count = bits * 64 + ALPHABET:find(char, 1, true) - 1, count + 6
        if count >= 8 then
            count = count - 8
            bytes[#bytes + 1] = string.char(math.floor(bits / 2 ^ count))
            bits = bits % 2 ^ count
        end
    end
    return table.concat(bytes)
end

local function encoded(bytes)
    local chars, bits, count = {}, 0, 0
    local function take(left)
        local index = math.floor(bits / 2 ^ left) + 1
        chars[#chars + 1], bits, count = ALPHABET:sub(index, index), bits % 2 ^ left, left
    end
    for byte in bytes:gmatch "." do
        bits, count = bits * 256 + byte:byte(), count + 8
        while count >= 6 do
            take(count - 6)
        end
    end
    if count > 0 then
        bits, count = bits * 2 ^ (6 - count), 6
        take(0)
    end
    return table.concat(chars)
end

-- JSON without the white space between its tokens: parsing it would round numbers.
local function on_one_line(text)
    local kept, in_string, escaped = {}, false, false
    for char in text:gmatch "." do
        if in_string or not char:find "[ \t\r\n]" then
            kept[#kept + 1] = char
        end
        if char == '"' and not escaped then
            in_string = not in_string
        end
        escaped = in_string and char == "\\" and not escaped
    end
    return table.concat(kept)
end

local SHORT = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local function quoted(text)
    return '"' .. text:gsub('[%c"\\]', function(char) return SHORT[char] or char < " " and ("\\u%04x"):format(char:byte()) end) .. '"'
end

-- The texts of what stands in a JSON array or object, between its commas: cjson does not write an empty array as one.
local function items(text)
    local found, depth, in_string, escaped, from = {}, 0, false, false, 2
    for at = 1, #text do
        local char = text:sub(at, at)
        if in_string then
            in_string = char ~= '"' or escaped
            escaped = char == "\\" and not escaped
        elseif char == '"' then
            in_string = true
        elseif char:find "[%[{]" then
            depth = depth + 1
        elseif char:find "[%]}]" or char == "," and depth == 1 then
            if depth == 1 and at > from then
                found[#found + 1], from = text:sub(from, at - 1), at + 1
            end
            depth = depth - (char == "," and 0 or 1)
        end
    end
    return found
end

local Skipped = {}
local function skip(why)
    error(setmetatable({ why = why }, Skipped), 0)
end

-- A verdict of this program's own.
local function said(status, name)
    error({ status = status, name = name, stage = "caller", failed = { name } }, 0)
end

-- What the binding gives, or its reason as an error.
local function given(value, why)
    return value or error(why, 0)
end

-- The policy in the binding's words.
local function settings_of(policy)
    local settings = {}
    for _, name in ipairs { "algorithms", "issuers", "audiences", "any_audience", "subject", "typ", "leeway", "max_age", "rights", "holder" } do
        settings[name] = policy[name]
    end
    if policy.require then
        -- Of a case it is the whole list; the binding asks for exp by itself.
        settings.require, settings.allow_missing_exp = {}, true
        for _, name in ipairs(policy.require) do
            if name == "exp" then
                settings.allow_missing_exp = false
            else
                table.insert(settings.require, name)
            end
        end
    end
    for _, name in ipairs(policy.algorithms or {}) do
        if not countermark.algorithms[name] then
            said(901, "NOT_SUPPORTED")
        end
    end
    for _, name in ipairs { "max_token_bytes", "max_age" } do
        if policy[name] == 0 then
            skip(name .. " 0 is the default in C")
        end
    end
    if policy.max_token_bytes and policy.shape == "encrypted" then
        skip "max_token_bytes of an envelope alone is 8192 in C"
    end
    settings.token_bytes = policy.max_token_bytes
    settings.shape = policy.shape ~= "encrypted" and policy.shape or nil
    local fingerprint = policy.fingerprint
    if fingerprint then
        settings.fingerprint = fingerprint
        fingerprint.pepper = fingerprint.pepper and decoded(fingerprint.pepper)
        if not fingerprint.weights and (fingerprint.optional or fingerprint.required) then
            skip "optional and required of a sketch need weights in C"
        end
        if fingerprint.weights and next(fingerprint.weights) == nil then
            skip "a sketch without any weight has the preset's in C"
        end
    end
    return settings
end

local function keys_of(case, text)
    if case.rotating then
        if case.rotating.window == 0 then
            skip "rotating: window 0 is the default in C"
        end
        local base = case.rotating.base
        case.rotating.base = nil
        return { given(given(countermark.keys { capacity = 1 }):add_rotating(base, case.rotating)) }
    end
    local sets, keys = {}, {}
    for _, member in ipairs(items(text)) do
        local value = member:match '^%s*"keys"%s*:%s*(.*)$'
        if value then
            sets = value:sub(1, 1) == "[" and items(value) or { value }
        end
    end
    for position, set in ipairs(sets) do
        keys[position] = given(countermark.jwks(set, { algorithms = case.policy and case.policy.algorithms, issuer = cjson.decode(set).issuer }))
    end
    return keys
end

local function judge(case, text)
    local policy, evidence = case.policy or {}, case.evidence or {}
    evidence.scheme = evidence.scheme or "DPoP" -- of a case the usual one
    for _, name in ipairs { "certificate", "channel" } do
        evidence[name] = evidence[name] and decoded(evidence[name])
    end
    local settings, opaque, payload = settings_of(policy), policy.payload == "opaque", nil
    local keys = keys_of(case, text)
    local verifier = given(countermark.verifier(keys, settings, replay))
    if policy.shape == "encrypted" then
        -- An envelope alone authenticates nobody: nothing that claims could answer may be asked of it.
        local asked = policy.subject or policy.max_age or policy.fingerprint
        for _, name in ipairs { "issuers", "audiences", "require" } do
            asked = asked or #(policy[name] or {}) > 0
        end
        if not opaque or asked then
            said(910, "POLICY_CONFLICT")
        end
        payload = given(countermark.open_envelope(keys, case.token))
    elseif opaque then
        payload = given(verifier:verify_opaque(case.token))
    else
        local accepted = given(verifier:verify(case.token, { now = case.now, evidence = evidence }))
        return '"status":"OK","code":0,"claims":' .. on_one_line(accepted.json) .. (accepted.similarity and ',"similarity":' .. accepted.similarity or "")
    end
    return '"status":"OK","code":0,"payload":"' .. encoded(payload) .. '"'
end

local function answer(text)
    local case = cjson.decode(text)
    local is_judged, found = pcall(judge, case, text)
    if is_judged then
        return '{"id":' .. quoted(case.id) .. "," .. found .. "}"
    elseif getmetatable(found) == Skipped then
        return "skipped: " .. found.why
    elseif type(found) ~= "table" then
        error(found, 0)
    end
    return ('{"id":%s,"status":"%s","code":%d,"stage":"%s","failed":["%s"]%s}'):format(quoted(case.id), found.name, found.status, found.stage,
        table.concat(found.failed, '","'), found.similarity and ',"similarity":' .. found.similarity or "")
end

if ... == "cases" then
    return answer -- required by another program, nginx's
end
for text in io.lines() do
    print(answer(text))
end
