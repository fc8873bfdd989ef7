-- The generic cell rate algorithm for several clients at once: each is charged, or none.
-- ARGV: the time in microseconds, the slack in milliseconds, then for each key requests, microseconds that they are counted in, burst.
-- Answers 0, or in how many microseconds the request would be admitted.
--
-- A client's state is when it will have its whole allowance again: `base + count * span / requests`, kept as the two whole numbers base
-- and count, with count below requests. So nothing is rounded from one request to the next.
local now, slack = tonumber(ARGV[1]), tonumber(ARGV[2])
local states, wait = {}, 0
for i, key in ipairs(KEYS) do
  local requests, span, burst = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
  local state = states[key]
  if not state then
    local base, count = string.match(redis.call('GET', key) or '', '^(%d+) (%d+)$')
    state = { base = tonumber(base) or now, count = tonumber(count) or 0 }
    states[key] = state
    -- No clock but one that goes before ours leaves more than the whole allowance used up: then it counts as just that.
    if (state.base - now) + state.count * span / requests > burst * span / requests + 0.5 then
      state.base, state.count = now + math.floor(burst / requests) * span, burst % requests
    end
  end
  -- Differences first: a time itself has no room for fractions in a double.
  local ahead = (state.base - now) + state.count * span / requests
  if ahead <= 0 then
    state.base, state.count, ahead = now, 0, 0
  end
  -- Half a microsecond is rounding, and nobody is refused for it.
  local due = ahead - (burst - 1) * span / requests
  if due > 0.5 then
    wait = math.max(wait, math.ceil(due))
  end
  state.count = state.count + 1
  if state.count >= requests then
    state.base, state.count = state.base + span, state.count - requests
  end
  state.kept = math.ceil((ahead + span / requests) / 1000) + slack
end
if wait > 0 then
  return wait
end
for key, state in pairs(states) do
  redis.call('SET', key, string.format('%.0f %.0f', state.base, state.count), 'PX', string.format('%.0f', state.kept))
end
return 0
