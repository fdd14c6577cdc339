/** Checks in Redis: every change is one script, so that a run has one end and an attempt that was overtaken says nothing more. */
import type { Checks, NewCheck } from '#app/check-ports.ts';
import { type Check, type CheckId, type CheckState, parseCheckId } from '#domain/check.ts';
import type { Aside } from './aside.ts';
import { runFields } from './card-shape.ts';
import { BEGIN, CHANGE } from './check-scripts.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { type Fields, pairs } from './read-hash.ts';
import { ofKey, type Parsed, parseHashRecord, VERSION } from './record.ts';
import { createRecords, type Found, ifGood, NONE } from './records.ts';
import { encodeReport, parseReport } from './report-codec.ts';
import { runScript } from './script.ts';

const RUN = keyOf('run', '');
const ACTIVE = keyOf('runs', 'active');
/** To begin: what can be in the way is the run itself, and another of the host. */
const MOST_TRIES = 3;

/** `keepMs`: how long a run is remembered, so that its buttons go on working. */
export function createChecks(redis: RedisConnection, aside: Aside, keepMs: number): Checks {
  const records = createRecords(redis, aside);

  async function look(id: string): Promise<Found<Check>> {
    if (parseCheckId(id) === undefined) return NONE;
    return records.hash(RUN + id, (fields) => parse(id, fields));
  }

  const find = async (id: CheckId) => ifGood(await look(id));

  async function tryToBegin(run: NewCheck) {
    const keys = [RUN + run.id, latestOf(run.host), ACTIVE];
    const times = [run.askedAt.getTime(), run.deadline.getTime(), keepMs];
    const next = run.next === null ? '' : JSON.stringify(run.next);
    const words = [RUN, run.id, ...times, next, ...Object.entries(encode(run)).flat()];
    const [kind, id] = (await runScript(redis, aside, BEGIN, keys, words)) as [
      'begun' | 'repeated' | 'joined',
      CheckId,
    ];
    return { kind, id, found: await look(id) };
  }

  /** What stands in the way and cannot be read is out of the way after the first try. */
  async function begin(run: NewCheck) {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { kind, id, found } = await tryToBegin(run);
      if (found.kind === 'good') return { kind, run: found.value };
      if (found.kind === 'newer') throw new Error(`Run ${id} was begun by a newer tcp-oncall.`);
    }
    throw new Error(`Run ${run.id} was begun ${MOST_TRIES} times and is not there.`);
  }

  async function change(
    { id, host, attempt }: Changed,
    step: 'take' | 'go-on' | 'end',
    state: CheckState,
    first: readonly (Buffer | number)[] = [],
  ) {
    const keys = [RUN + id, latestOf(host), ACTIVE, firstOf(id)];
    const words = [id, attempt ?? '', step, JSON.stringify(state), ...first];
    const answer = await runScript(redis, aside, CHANGE, keys, words);
    const parsed = answer === null ? undefined : parse(id, pairs(answer as string[]));
    return parsed?.kind === 'good' ? parsed.value : undefined;
  }

  return {
    begin,
    find,
    active: async () => records.listed(ACTIVE, await records.range(ACTIVE, 'oldest'), look),
    async take(id) {
      const run = await find(id);
      return run && change({ ...run, attempt: null }, 'take', { kind: 'running', stage: 'connecting' });
    },
    advance: (run, state) => change(run, 'go-on', state),
    keepFirst(run, report) {
      const { id, actor, deadline } = run;
      const first = [encodeReport({ id, report, actor }), deadline.getTime()];
      return change(run, 'go-on', { kind: 'running', stage: 'second-sample' }, first);
    },
    findFirst: async (id) => ifGood(await records.bytes(firstOf(id), (bytes) => parseReport(id, bytes)))?.report,
    end: (run, state) => change(run, 'end', state),
  };
}

type Changed = Parameters<Checks['end']>[0];

function firstOf(id: CheckId): string {
  return keyOf('run', id, 'first');
}

function latestOf(host: string): string {
  return keyOf('host', host, 'latest');
}

function encode({ id, host, interval, actor, askedAt, deadline }: NewCheck): Readonly<Record<string, string>> {
  return {
    id,
    host,
    interval: String(interval),
    actor: JSON.stringify(actor),
    askedAt: String(askedAt.getTime()),
    deadline: String(deadline.getTime()),
    state: JSON.stringify({ kind: 'queued' } satisfies CheckState),
    ended: '0',
    attempt: '0',
    revision: '0',
    version: String(VERSION),
  };
}

function parse(id: string, fields: Fields): Parsed<Check> {
  return ofKey(parseHashRecord(runFields, fields), 'id', id, 'run');
}
