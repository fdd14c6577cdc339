/** The atomic steps of changes, as Lua that Redis runs: no transition without its record, and one change on a host at a time. */
import { VERSION } from './record.ts';
import { script } from './script.ts';

/**
 * Writes a change and its audit record, unless the change, or the trail, has moved on since they were read.
 * The newest change is the one whose record is: two machines' clocks may differ.
 * KEYS: change, head, trail, active, recent, of the host, lock, fence, progress, the change that it takes back (else itself again).
 * ARGV: revision before ('' = new), head before, change, revision, record, seq, digest, id, now, over ('1'),
 * lock ('take' | 'hold' | 'release'), how long it is kept, how long the lock lives without news,
 * whether the same work goes on ('1').
 * A fence that is no number goes on from the time, which is greater than any count. The trail is no record that could be
 * set aside: it takes the record first, and where it does not, nothing is written.
 */
export const COMMIT = script(
  ['hash', 'any', 'any', 'zset', 'zset', 'zset', 'hash', 'any', 'any', 'hash'],
  `
local revision = redis.call('HGET', KEYS[1], 'revision')
if ARGV[1] == '' then
  if revision then return 'repeated' end
elseif revision ~= ARGV[1] then return 'stale' end
if (redis.call('HGET', KEYS[2], 'seq') or '0') ~= ARGV[2] then return 'moved' end
local holder = redis.call('HGET', KEYS[7], 'change')
if ARGV[11] == 'take' and holder and holder ~= ARGV[8] then return 'locked' end
redis.call('XADD', KEYS[3], ARGV[6] .. '-0', 'record', ARGV[5])
if ARGV[11] == 'take' then
  local token = redis.pcall('INCR', KEYS[8])
  if type(token) ~= 'number' then
    token = ARGV[9]
    redis.call('SET', KEYS[8], token)
  end
  redis.call('HSET', KEYS[7], 'change', ARGV[8], 'token', token, 'since', ARGV[9], 'version', '${VERSION}')
  redis.call('PEXPIRE', KEYS[7], ARGV[13])
elseif holder == ARGV[8] then
  if ARGV[11] == 'hold' then redis.call('PEXPIRE', KEYS[7], ARGV[13]) else redis.call('DEL', KEYS[7]) end
end
redis.call('HSET', KEYS[1], 'json', ARGV[3], 'revision', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[12])
if ARGV[14] ~= '1' then redis.call('DEL', KEYS[9]) end
redis.call('HSET', KEYS[2], 'seq', ARGV[6], 'digest', ARGV[7])
if ARGV[10] == '1' then redis.call('ZREM', KEYS[4], ARGV[8]) else redis.call('ZADD', KEYS[4], 'NX', ARGV[9], ARGV[8]) end
if ARGV[1] == '' then
  for _, index in ipairs({KEYS[5], KEYS[6]}) do
    redis.call('ZADD', index, ARGV[6], ARGV[8])
    redis.call('ZREMRANGEBYRANK', index, 0, -501)
    redis.call('PEXPIRE', index, ARGV[12])
  end
  if KEYS[10] ~= KEYS[1] and redis.call('EXISTS', KEYS[10]) == 1 then redis.call('HSET', KEYS[10], 'taker', ARGV[8]) end
end
return 'done'
`,
);

/**
 * Writes what a host says of the work under way, unless the change has moved on since it was read. A host that is at work for
 * hours stays its own as long as something is heard of it.
 * KEYS: change, progress, lock. ARGV: revision, line, silent since (a time, or ''), how long it is kept, id, how long the lock
 * lives without news.
 */
export const PROGRESS = script(
  ['hash', 'hash', 'hash'],
  `
if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[1] then return 'moved' end
if redis.call('HGET', KEYS[3], 'change') == ARGV[5] then redis.call('PEXPIRE', KEYS[3], ARGV[6]) end
local line = redis.call('HGET', KEYS[2], 'line') or ''
local since = redis.call('HGET', KEYS[2], 'silentSince') or ''
if line == ARGV[2] and since == ARGV[3] then return 'known' end
redis.call('HSET', KEYS[2], 'line', ARGV[2], 'silentSince', ARGV[3], 'version', '${VERSION}')
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 'done'
`,
);

/**
 * Writes a record of something that is no change's transition, with what it does to one key.
 * KEYS: head, trail, target. ARGV: head before, record, seq, digest, 'hset' | 'hdel' | 'del', field, value.
 * As above, nothing is written unless the trail takes the record; a target that is no hash ends it before.
 */
export const RECORD = `
if (redis.call('HGET', KEYS[1], 'seq') or '0') ~= ARGV[1] then return 'moved' end
local is_there
if ARGV[5] == 'del' then is_there = redis.call('EXISTS', KEYS[3]) else is_there = redis.call('HEXISTS', KEYS[3], ARGV[6]) end
if ARGV[5] ~= 'hset' and is_there == 0 then return 'nothing' end
redis.call('XADD', KEYS[2], ARGV[3] .. '-0', 'record', ARGV[2])
if ARGV[5] == 'hset' then redis.call('HSET', KEYS[3], ARGV[6], ARGV[7])
elseif ARGV[5] == 'hdel' then redis.call('HDEL', KEYS[3], ARGV[6])
else redis.call('DEL', KEYS[3]) end
redis.call('HSET', KEYS[1], 'seq', ARGV[3], 'digest', ARGV[4])
return 'done'
`;
