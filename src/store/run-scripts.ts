/** The atomic steps of a run, as Lua that Redis runs. A run is a hash; `ended` and `attempt` decide who may still change it. */

/**
 * Begins a run unless its id was begun before, or the host has another that has not ended.
 * KEYS: the run, the host's latest run, the active runs. ARGV: prefix of runs, id, now, deadline, life, fields of the run.
 */
export const BEGIN = `
if redis.call('EXISTS', KEYS[1]) == 1 then return {'repeated', ARGV[2]} end
local other = redis.call('GET', KEYS[2])
if other then
  local ended, deadline = unpack(redis.call('HMGET', ARGV[1] .. other, 'ended', 'deadline'))
  if ended == '0' and tonumber(deadline) > tonumber(ARGV[3]) then return {'joined', other} end
end
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[5])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
return {'begun', ARGV[2]}
`;

/**
 * Changes a run that has not ended and that no later attempt has taken over; nil otherwise.
 * KEYS: the run, the host's latest run, the active runs.
 * ARGV: id, attempt ('' = whichever), 'take' | 'go-on' | 'end', the field that changes, its value.
 */
export const CHANGE = `
local ended, attempt = unpack(redis.call('HMGET', KEYS[1], 'ended', 'attempt'))
if ended ~= '0' or (ARGV[2] ~= '' and ARGV[2] ~= attempt) then return nil end
redis.call('HSET', KEYS[1], ARGV[4], ARGV[5])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if ARGV[3] == 'take' then
  redis.call('HINCRBY', KEYS[1], 'attempt', 1)
  redis.call('HDEL', KEYS[1], 'first')
elseif ARGV[3] == 'end' then
  redis.call('HSET', KEYS[1], 'ended', '1')
  redis.call('HDEL', KEYS[1], 'first')
  redis.call('ZREM', KEYS[3], ARGV[1])
  if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
end
return redis.call('HGETALL', KEYS[1])
`;
