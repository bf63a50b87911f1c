/**
 * Gate 2 in one EVAL: checks every policy by Redis' own clock, then charges all counters or none.
 *
 * A counter is a list of the times (milliseconds) of the requests that were accepted, newest first,
 * no longer than the largest quota that looks at it. A policy is used up when as many of them as its
 * quota lie within its window: exactly the promise, for any window, wherever it begins.
 *
 * KEYS: the counters. ARGV: for each check the index of its key, its quota, its window in ms.
 * Answer: 1 or 0, then for each check how many lie within its window and in how many ms the oldest
 * of them leaves it. Runs on Redis 5 and later (it writes after asking for the time).
 */
export const CHARGE_SCRIPT = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local answer = { 1 }
local depth, life = {}, {}
for i = 1, #ARGV, 3 do
  local index, quota, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local key = KEYS[index]
  local low, high = 0, math.min(redis.call('LLEN', key), quota)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(redis.call('LINDEX', key, middle)) > now - window then
      low = middle + 1
    else
      high = middle
    end
  end
  local reset = window
  if low > 0 then
    local oldest = tonumber(redis.call('LINDEX', key, low - 1))
    reset = math.min(window, oldest + window - now)
  end
  if low >= quota then answer[1] = 0 end
  answer[#answer + 1] = low
  answer[#answer + 1] = reset
  depth[index] = math.max(depth[index] or 0, quota)
  life[index] = math.max(life[index] or 0, window)
end
if answer[1] == 1 then
  for index, key in ipairs(KEYS) do
    redis.call('LPUSH', key, now)
    redis.call('LTRIM', key, 0, depth[index] - 1)
    redis.call('PEXPIRE', key, life[index])
  end
end
return answer
`;
