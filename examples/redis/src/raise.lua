-- One revocation: KEYS[1] holds a time in seconds, and only ever a later one. ARGV: the time, and for how many milliseconds it is
-- kept; 0: for ever.
local held = tonumber(redis.call('GET', KEYS[1]) or '')
if held and held >= tonumber(ARGV[1]) then
  return 0
end
if ARGV[2] == '0' then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
