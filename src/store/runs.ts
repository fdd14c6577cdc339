/** Runs in Redis: every change is one script, so that a run has one end and an attempt that was overtaken says nothing more. */
import type { EndState, NewRun, Runs } from '#app/run-ports.ts';
import type { Actor, CheckRun, RunId, RunState } from '#domain/check-run.ts';
import type { Report } from '#domain/report.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { reviveReport } from './report-codec.ts';
import { BEGIN, CHANGE } from './run-scripts.ts';

type Fields = Readonly<Record<string, string>>;

const RUN = keyOf('run', '');
const ACTIVE = keyOf('runs', 'active');

/** `keepMs`: how long a run is remembered, so that its buttons go on working. */
export function createRuns(redis: RedisConnection, keepMs: number): Runs {
  async function find(id: RunId): Promise<CheckRun | undefined> {
    return decode(await redis.hgetall(RUN + id));
  }

  async function begin(run: NewRun) {
    const fields = encode(run);
    const keys = [RUN + run.id, latestOf(run.host), ACTIVE];
    const times = [run.askedAt.getTime(), run.deadline.getTime(), keepMs];
    const answer = await redis.eval(
      BEGIN,
      keys.length,
      ...keys,
      RUN,
      run.id,
      ...times,
      ...Object.entries(fields).flat(),
    );
    const [kind, id] = answer as ['begun' | 'repeated' | 'joined', RunId];
    const begun = await find(id);
    if (begun === undefined) throw new Error(`Run ${id} was ${kind} and is not there.`);
    return { kind, run: begun };
  }

  async function change(
    id: RunId,
    attempt: number | null,
    step: 'take' | 'go-on' | 'end',
    field: string,
    value: unknown,
  ) {
    const host = await redis.hget(RUN + id, 'host');
    if (host === null) return undefined;
    const keys = [RUN + id, latestOf(host), ACTIVE];
    const answer = await redis.eval(
      CHANGE,
      keys.length,
      ...keys,
      id,
      attempt ?? '',
      step,
      field,
      JSON.stringify(value),
    );
    return answer === null ? undefined : decode(pairs(answer as string[]));
  }

  async function active(): Promise<readonly CheckRun[]> {
    const ids = await redis.zrange(ACTIVE, 0, '-1');
    const runs = await Promise.all(ids.map((id) => find(id as RunId)));
    const gone = ids.filter((_, index) => runs[index] === undefined);
    if (gone.length > 0) await redis.zrem(ACTIVE, ...gone);
    return runs.filter((run) => run !== undefined);
  }

  return {
    begin,
    find,
    active,
    take: (id) => change(id, null, 'take', 'state', { kind: 'running', stage: 'connecting' } satisfies RunState),
    advance: (id, attempt, state) => change(id, attempt, 'go-on', 'state', state),
    keepFirst: (id, attempt, first: Report) => change(id, attempt, 'go-on', 'first', first),
    end: (id, attempt, state: EndState) => change(id, attempt, 'end', 'state', state),
  };
}

function latestOf(host: string): string {
  return keyOf('host', host, 'latest');
}

function encode({ id, host, interval, actor, askedAt, deadline }: NewRun): Fields {
  return {
    id,
    host,
    interval: String(interval),
    actor: JSON.stringify(actor),
    askedAt: String(askedAt.getTime()),
    deadline: String(deadline.getTime()),
    state: JSON.stringify({ kind: 'queued' } satisfies RunState),
    ended: '0',
    attempt: '0',
    revision: '0',
  };
}

function decode(fields: Fields): CheckRun | undefined {
  const { id, host, interval, actor, askedAt, deadline, state, attempt, revision, first } = fields;
  if (id === undefined || host === undefined || state === undefined) return undefined;
  return {
    id: id as RunId,
    host,
    interval: Number(interval),
    actor: JSON.parse(actor ?? '{}') as Actor,
    askedAt: new Date(Number(askedAt)),
    deadline: new Date(Number(deadline)),
    state: JSON.parse(state) as RunState,
    attempt: Number(attempt),
    revision: Number(revision),
    first: first === undefined ? null : reviveReport(JSON.parse(first) as Report),
  };
}

function pairs(flat: readonly string[]): Fields {
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) fields[flat[index] ?? ''] = flat[index + 1] ?? '';
  return fields;
}
