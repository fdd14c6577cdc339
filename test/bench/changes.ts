/** Figures of changes: from the click to what is applied, and many at once without a lost or doubled one. */
import { Redis } from 'ioredis';
import type { AuditRecord } from '#change/audit.ts';
import { openLab } from '#lab/lab.ts';
import { startLocalSlack } from '#local-slack/local-slack.ts';
import { TRAIL } from '#store/audit-trail.ts';
import { playCrowd } from '../bot/change-crowd.ts';
import { openRounds, ROUNDS_POLICY, type Rounds } from '../bot/change-rounds.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { startServe } from '../bot/serve-process.ts';
import { type Figure, median } from './figure.ts';
import { helperTimes, timeHelper } from './helper-stopwatch.ts';

const CHANGES = 100;
/** In turn, so few that each connection is used again before it is closed for idleness. */
const HOSTS = 3;
const OWN_MS = 1000;
const [CROWD, EACH] = [20, 5];
const WITHIN_MS = 60_000;

export async function changes(): Promise<readonly Figure[]> {
  return [await clickToApplied(), await crowd()];
}

/** Ours is what is left of the time from the click to the record `done` without the helper's own run. */
async function clickToApplied(): Promise<Figure> {
  await using lab = await openLab({ name: 'benchchanges', hosts: HOSTS });
  await using slack = await startLocalSlack();
  const serve = await startServe({ hosts: lab.paths.config, config: ROUNDS_POLICY, env: slackEnvironment(slack) });
  const redis = new Redis({ path: `${serve.stateDir}/redis/redis.sock` });
  try {
    await slack.until(({ connected }) => connected);
    const hosts = lab.hosts.map(({ name }) => name);
    const rounds = await Promise.all(hosts.map((host) => openRounds(lab, slack, host)));
    await Promise.all(hosts.map((host) => timeHelper(lab, host)));
    // The first of each host warms it up: Slack is asked who somebody is, and code is compiled.
    for (const host of rounds) await clickAndUndo(host, redis);
    const taken = new Map<string, number>();
    for (let count = 0; count < CHANGES; count++) {
      const { change, ms } = await clickAndUndo(rounds[count % HOSTS] as Rounds, redis);
      taken.set(change, ms);
    }
    const helper = new Map(
      (await Promise.all(hosts.map((host) => helperTimes(lab, host)))).flatMap((each) => [...each]),
    );
    const ours = [...taken].map(([change, ms]) => ms - (helper.get(change) ?? Number.NaN)).toSorted((a, b) => a - b);
    const p99 = ours[Math.ceil(ours.length * 0.99) - 1] ?? Number.NaN;
    const theirs = median([...taken.keys()].map((change) => helper.get(change) ?? Number.NaN));
    return {
      what: `click on Approve to "applied" on a warm connection, without the helper's own run, 99th percentile of ${CHANGES}, to ${OWN_MS} ms`,
      ratio: p99 / OWN_MS,
      limit: 1,
      made: `${p99.toFixed(0)} ms; median ${median(ours).toFixed(0)} ms, and the helper ${theirs.toFixed(0)} ms`,
    };
  } finally {
    redis.disconnect();
    await serve.stop();
  }
}

async function clickAndUndo({ propose, approve, untilApplied, undo }: Rounds, redis: Redis) {
  await propose();
  const [[newest] = []] = await redis.xrevrange(TRAIL, '+', '-', 'COUNT', 1);
  const clicked = performance.now();
  const [{ change, at }] = await Promise.all([appliedAfter(newest ?? '0', redis), approve('one')]);
  await untilApplied();
  await undo();
  return { change, ms: at - clicked };
}

/** Resolves the moment the record is there. */
async function appliedAfter(id: string, redis: Redis): Promise<{ readonly change: string; readonly at: number }> {
  let last = id;
  for (;;) {
    const [[, entries] = []] = (await redis.xread('BLOCK', WITHIN_MS, 'STREAMS', TRAIL, last)) ?? [];
    if (entries === undefined) throw new Error('Nothing was applied.');
    for (const [entry, fields] of entries) {
      const { event, change } = JSON.parse(fields[1] ?? '') as AuditRecord;
      if (event === 'done' && change !== null) return { change, at: performance.now() };
      last = entry;
    }
  }
}

async function crowd(): Promise<Figure> {
  const { proposed, applied, wrong, seconds } = await playCrowd({ name: 'benchcrowd', hosts: CROWD, each: EACH });
  for (const sentence of wrong) console.error(`bench: ${sentence}`);
  const all = CROWD * EACH;
  return {
    what: `changes lost, or applied twice, of ${all} on ${CROWD} hosts at once with two workers, by the hosts' own journals`,
    ratio: Math.max(all - applied, wrong.length),
    limit: 0,
    made: `${proposed} proposed, ${applied} applied once and undone; ${seconds.toFixed(0)} s`,
  };
}
