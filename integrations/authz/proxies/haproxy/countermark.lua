-- Asks the authorization service (integrations/authz) for every request: `http-request lua.countermark http://ADDRESS/door/NAME`.
-- What it does not answer with 200 is answered here. HAProxy goes on with the next rule when a script fails, so that rule must refuse
-- whatever has not got the mark that is set at the end: `http-request deny ... unless { var(txn.countermark) -m str allowed }`.

local TIMEOUT_MS = 6000
-- Fields of the connection, and of a body that is not sent along.
local LEFT_OUT = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true, ["keep-alive"] = true, ["te"] = true,
  ["transfer-encoding"] = true, ["upgrade"] = true,
}
local TOLD = { "www-authenticate", "dpop-nonce", "retry-after", "cache-control" }

-- HAProxy counts values from 0.
local function all(values)
  local list = {}
  local position = 0
  while values and values[position] do
    list[#list + 1] = values[position]
    position = position + 1
  end
  return list
end

core.register_action("countermark", { "http-req" }, function(txn, url)
  local fields = txn.http:req_get_headers()
  local asked = {}
  for name, values in pairs(fields) do
    if not LEFT_OUT[name] then
      asked[name] = all(values)
    end
  end
  -- In the place of what a client wrote there.
  asked["x-forwarded-for"] = { txn.f:src() }
  asked["x-original-method"] = { txn.f:method() }
  asked["x-original-uri"] = { txn.f:pathq() }

  local answer = core.httpclient():get({ url = url, headers = asked, timeout = TIMEOUT_MS })
  local status = answer and answer.status or 0
  if status == 200 then
    -- Claims, in the place of what a client wrote; an empty one leaves the request without the field.
    for name, values in pairs(answer.headers) do
      if name:match("^x%-auth%-") then
        txn.http:req_del_header(name)
        if values[0] and values[0] ~= "" then
          txn.http:req_set_header(name, values[0])
        end
      end
    end
    txn:set_var("txn.countermark", "allowed")
    return
  end
  local reply = txn:reply({ status = status >= 400 and status or 503 })
  for _, name in ipairs(TOLD) do
    local value = answer and answer.headers and answer.headers[name]
    if value and value[0] then
      reply:add_header(name, value[0])
    end
  end
  txn:done(reply)
end, 1)
