/** Changes in Redis: every transition is one script that also writes its audit record. */
import type { Changes, Committed } from '#app/change-ports.ts';
import type { AuditEntry, AuditHead, AuditRecord } from '#change/audit.ts';
import type { Kinds } from '#change/kind.ts';
import { NOTHING_SAID } from '#change/progress.ts';
import { type Change, type HostLock, hostHeld, isOver, parseChangeId } from '#domain/change.ts';
import type { Aside } from './aside.ts';
import { type AuditWriter, HEAD, TRAIL } from './audit-trail.ts';
import { COMMIT, PROGRESS } from './change-scripts.ts';
import { hostLock, progress, readChange } from './change-shape.ts';
import type { RedisConnection } from './connect-redis.ts';
import { createKeptFiles } from './kept-files.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';
import type { Fields } from './read-hash.ts';
import { bad, ofKey, type Parsed, parseHashRecord, VERSION } from './record.ts';
import { createRecords, type Found, ifGood, NONE } from './records.ts';
import { runScript } from './script.ts';

const ACTIVE = keyOf('changes', 'active');
const RECENT = keyOf('changes', 'recent');
const FENCE = keyOf('changes', 'fence');
/** Longer than any trial with its margin, and than a host may be silent at its work: something is heard of it long before. */
const LOCK_LIFE_MS = 2 * 3_600_000;
/** A worker that was killed leaves its change to others after so long. */
const WORKER_LIFE_MS = 15_000;
/** What PTTL says of a key that never expires. */
const NO_END = -1;

/** `keepMs`: how long a change is remembered. Its audit records are never removed. */
export function createChanges(
  redis: RedisConnection,
  audit: AuditWriter,
  aside: Aside,
  keepMs: number,
  kinds: Kinds,
): Changes {
  const records = createRecords(redis, aside);

  async function write(before: Change | null, after: Change, entry: AuditEntry) {
    const lock = lockKey(lockedHost(before, after));
    const keys = [
      changeKey(after.id),
      HEAD,
      TRAIL,
      ACTIVE,
      RECENT,
      ofHostKey(after.host),
      lock,
      FENCE,
      progressKey(after.id),
      changeKey(after.reverts ?? after.id),
    ];
    return audit.append(entry, async (record: AuditRecord, head: AuditHead) => {
      const answer = await runScript(redis, aside, COMMIT, keys, [
        before === null ? '' : before.revision,
        head.seq,
        JSON.stringify({ version: VERSION, ...after }),
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
        isSameWork(before, after) ? '1' : '0',
      ]);
      return answer as 'done' | 'repeated' | 'stale' | 'locked' | 'moved';
    });
  }

  async function look(id: string): Promise<Found<Change>> {
    if (parseChangeId(id) === undefined) return NONE;
    return records.hash(changeKey(id), (fields) => parseChange(id, fields, kinds));
  }

  async function list(index: string, order: 'oldest' | 'newest', most?: number): Promise<readonly Change[]> {
    return records.listed(index, await records.range(index, order, most), look);
  }

  async function lockOf(host: string): Promise<HostLock | undefined> {
    const life = await redis.pttl(lockKey(host));
    const found = await records.hash(lockKey(host), (fields) => parseLock(fields, life));
    return ifGood(found);
  }

  async function commit(before: Change, after: Change, entry: AuditEntry): Promise<Committed> {
    const answer = (await write(before, after, entry)) as Committed;
    // What has the host may be no lock at all: then it is out of the way now.
    if (answer !== 'locked' || (await lockOf(lockedHost(before, after))) !== undefined) return answer;
    return (await write(before, after, entry)) as Committed;
  }

  return {
    async propose(change, entry) {
      return (await write(null, change, entry)) === 'repeated' ? 'repeated' : 'done';
    },
    commit,
    find: async (id) => ifGood(await look(id)),
    active: () => list(ACTIVE, 'oldest'),
    ofHost: (host, most) => list(ofHostKey(host), 'newest', most),
    recent: (most) => list(RECENT, 'newest', most),
    async takerOf(id) {
      const taker = await records.hash(changeKey(id), (fields) => ({ kind: 'good', value: fields.get('taker') ?? '' }));
      const change = ifGood(await look(ifGood(taker) ?? ''));
      return change?.reverts === id ? change : undefined;
    },
    async progressOf({ id, state }) {
      if (state.kind !== 'working' && state.kind !== 'queued') return NOTHING_SAID;
      return ifGood(await records.hash(progressKey(id), (fields) => parseHashRecord(progress, fields))) ?? NOTHING_SAID;
    },
    async keepProgress(change, { line, silentSince }) {
      const { id, revision, host } = change;
      const keys = [changeKey(id), progressKey(id), lockKey(hostHeld(change) ?? host)];
      const words = [revision, line, silentSince?.getTime() ?? '', keepMs, id, LOCK_LIFE_MS];
      return (await runScript(redis, aside, PROGRESS, keys, words)) === 'done';
    },
    alone: (id, work) => withLock(redis, keyOf('change', id, 'worker'), WORKER_LIFE_MS, work),
    ...createKeptFiles(redis, aside, keepMs),
    lockOf,
    unlock: (host, entry) => audit.record(entry, lockKey(host), 'del'),
  };
}

/** Two fields say the revision: the scripts go by one of them. */
function parseChange(id: string, fields: Fields, kinds: Kinds): Parsed<Change> {
  const parsed = ofKey(readChange(fields.get('json') ?? '', kinds), 'id', id, 'change');
  if (parsed.kind !== 'good') return parsed;
  const { revision } = parsed.value;
  return fields.get('revision') === String(revision) ? parsed : bad('revision: is said to be two different ones');
}

/** `lifeMs`: of its key. One without an end would have its host for good. */
function parseLock(fields: Fields, lifeMs: number): Parsed<HostLock> {
  const parsed = parseHashRecord(hostLock, fields);
  if (parsed.kind !== 'good') return parsed;
  return lifeMs === NO_END
    ? bad('it has no end')
    : { kind: 'good', value: { ...parsed.value, until: new Date(Date.now() + Math.max(0, lifeMs)) } };
}

/** The host that it takes, holds or lets go; of what concerns no lock, its own. */
function lockedHost(before: Change | null, after: Change): string {
  return hostHeld(after) ?? (before && hostHeld(before)) ?? after.host;
}

function lockStep(before: Change | null, after: Change): 'take' | 'hold' | 'release' {
  const held = hostHeld(after);
  if (held === null) return 'release';
  return before !== null && hostHeld(before) === held ? 'hold' : 'take';
}

/** What the host said of it is true still. */
function isSameWork(before: Change | null, { state }: Change): boolean {
  if (state.kind !== 'working' && state.kind !== 'queued') return false;
  return before?.state.kind === state.kind && before.state.gate === state.gate;
}

function changeKey(id: string): string {
  return keyOf('change', id);
}

function progressKey(id: string): string {
  return keyOf('change', id, 'progress');
}

function ofHostKey(host: string): string {
  return keyOf('changes', 'host', host);
}

function lockKey(host: string): string {
  return keyOf('host', host, 'change');
}
