/** Changes in Redis: every transition is one script that also writes its audit record. */
import type { Changes, Committed } from '#app/change-ports.ts';
import type { AuditEntry, AuditHead, AuditRecord } from '#change/audit.ts';
import { type Change, type ChangeId, type HostLock, isLive, isOver } from '#domain/change.ts';
import { type AuditWriter, HEAD, TRAIL } from './audit-trail.ts';
import { decodeChange, encodeChange } from './change-codec.ts';
import { COMMIT, RECORD } from './change-scripts.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';

const ACTIVE = keyOf('changes', 'active');
const RECENT = keyOf('changes', 'recent');
const FENCE = keyOf('changes', 'fence');
/** Longer than any trial with its margin: whoever reconciles says something long before. */
const LOCK_LIFE_MS = 2 * 3_600_000;

/** `keepMs`: how long a change is remembered. Its audit records are kept for ever. */
export function createChanges(redis: RedisConnection, audit: AuditWriter, keepMs: number): Changes {
  async function write(before: Change | null, after: Change, entry: AuditEntry) {
    const keys = [changeKey(after.id), HEAD, TRAIL, ACTIVE, RECENT, ofHostKey(after.host), lockKey(after.host), FENCE];
    return audit.append(entry, async (record: AuditRecord, head: AuditHead) => {
      const answer = await redis.eval(
        COMMIT,
        keys.length,
        ...keys,
        before === null ? '' : before.revision,
        head.seq,
        encodeChange(after),
        after.revision,
        JSON.stringify(record),
        record.seq,
        record.digest,
        after.id,
        Date.parse(entry.at),
        isOver(after) ? '1' : '0',
        lockStep(before, after),
        keepMs,
        LOCK_LIFE_MS,
      );
      return answer as 'done' | 'repeated' | 'stale' | 'locked' | 'moved';
    });
  }

  async function find(id: ChangeId): Promise<Change | undefined> {
    const json = await redis.hget(changeKey(id), 'json');
    return json === null ? undefined : decodeChange(json);
  }

  async function findAll(ids: readonly string[]): Promise<readonly Change[]> {
    const found = await Promise.all(ids.map((id) => find(id as ChangeId)));
    return found.filter((change) => change !== undefined);
  }

  async function lockOf(host: string): Promise<HostLock | undefined> {
    const [{ change, token, since }, life] = await Promise.all([
      redis.hgetall(lockKey(host)),
      redis.pttl(lockKey(host)),
    ]);
    if (change === undefined) return undefined;
    const until = new Date(Date.now() + Math.max(0, life));
    return { change: change as ChangeId, token: Number(token), since: new Date(Number(since)), until };
  }

  return {
    async propose(change, entry) {
      return (await write(null, change, entry)) === 'repeated' ? 'repeated' : 'done';
    },
    commit: async (before, after, entry) => (await write(before, after, entry)) as Committed,
    find,
    active: async () => findAll(await redis.zrange(ACTIVE, 0, '-1')),
    ofHost: async (host, most) => findAll(await redis.zrevrange(ofHostKey(host), 0, String(most - 1))),
    recent: async (most) => findAll(await redis.zrevrange(RECENT, 0, String(most - 1))),
    lockOf,
    async unlock(host, entry) {
      const done = await audit.append(entry, async (record, head) => {
        const words = [head.seq, JSON.stringify(record), record.seq, record.digest, 'del', '', ''];
        return (await redis.eval(RECORD, 3, HEAD, TRAIL, lockKey(host), ...words)) as 'done' | 'nothing' | 'moved';
      });
      return done === 'done';
    },
  };
}

/** A change has its host from `applying` until it is over; a kept one that is being undone takes it again. */
function lockStep(before: Change | null, after: Change): 'take' | 'hold' | 'release' {
  if (!hasHost(after)) return 'release';
  return before !== null && hasHost(before) ? 'hold' : 'take';
}

function hasHost(change: Change): boolean {
  return isLive(change) && change.state.kind !== 'approved';
}

function changeKey(id: string): string {
  return keyOf('change', id);
}

function ofHostKey(host: string): string {
  return keyOf('changes', 'host', host);
}

function lockKey(host: string): string {
  return keyOf('host', host, 'change');
}
