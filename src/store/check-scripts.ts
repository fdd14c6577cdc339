/** The atomic steps of a run, as Lua that Redis runs. A run is a hash; `ended` and `attempt` decide who may still change it. */
import { VERSION } from './record.ts';
import { script } from './script.ts';

/**
 * Begins a run unless its id was begun before, or the host has another that has not ended and that we can read.
 * What is wanted next is left with that one, where nothing is wanted of it yet.
 * KEYS: the run, the host's latest run, the active runs. ARGV: prefix of runs, id, now, deadline, life, what is wanted next ('' = nothing), fields
 * of the run.
 */
export const BEGIN = script(
  ['hash', 'any', 'zset'],
  `
if redis.call('EXISTS', KEYS[1]) == 1 then return {'repeated', ARGV[2]} end
local other = redis.pcall('GET', KEYS[2])
if type(other) == 'string' and other:match('^[a-z2-7]+$') then
  local fields = redis.pcall('HMGET', ARGV[1] .. other, 'ended', 'deadline', 'version')
  local deadline = tonumber(fields[2] or nil)
  local known = (tonumber(fields[3] or '1') or 0) <= ${VERSION}
  if known and fields[1] == '0' and deadline and deadline > tonumber(ARGV[3]) then
    if ARGV[6] ~= '' and redis.call('HSETNX', ARGV[1] .. other, 'next', ARGV[6]) == 1 then
      redis.call('HINCRBY', ARGV[1] .. other, 'revision', 1)
    end
    return {'joined', other}
  end
end
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'next', ARGV[6]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[5])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
return {'begun', ARGV[2]}
`,
);

/** How long the first report is there after the end: somebody may be drawing the card as it was a moment before. */
const FIRST_OUTLIVES_MS = 10_000;

/**
 * Changes a run that has not ended, that no later attempt has taken over and that we can read; nil otherwise.
 * KEYS: the run, the host's latest run, the active runs, the report of the first sample.
 * ARGV: id, attempt ('' = whichever), 'take' | 'go-on' | 'end', the new state; and that report, and until when it is kept.
 */
export const CHANGE = script(
  ['hash', 'any', 'zset', 'any'],
  `
local ended, attempt, version = unpack(redis.call('HMGET', KEYS[1], 'ended', 'attempt', 'version'))
if ended ~= '0' or (ARGV[2] ~= '' and ARGV[2] ~= attempt) then return nil end
if (tonumber(version or '1') or 0) > ${VERSION} then return nil end
redis.call('HSET', KEYS[1], 'state', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if ARGV[5] then
  redis.call('SET', KEYS[4], ARGV[5])
  redis.call('PEXPIREAT', KEYS[4], ARGV[6])
end
if ARGV[3] == 'take' then
  redis.call('HINCRBY', KEYS[1], 'attempt', 1)
  redis.call('DEL', KEYS[4])
elseif ARGV[3] == 'end' then
  redis.call('HSET', KEYS[1], 'ended', '1')
  redis.call('PEXPIRE', KEYS[4], ${FIRST_OUTLIVES_MS})
  redis.call('ZREM', KEYS[3], ARGV[1])
  if redis.pcall('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
end
return redis.call('HGETALL', KEYS[1])
`,
);
