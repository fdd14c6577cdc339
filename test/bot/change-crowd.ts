/** Many changes on many real hosts at once, with a real bot and a second worker beside it; then what became of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openLab } from '#lab/lab.ts';
import { startLocalSlack } from '#local-slack/local-slack.ts';
import { createChangeStore } from '#store/change-store.ts';
import { startPrivateRedis } from '#store/private-redis.ts';
import { openRounds, playRounds, ROUNDS_POLICY, type Rounds } from './change-rounds.ts';
import { KINDS } from './change-samples.ts';
import { slackEnvironment } from './environment.ts';
import { type Count, countChanges } from './journal-judge.ts';
import { startServe } from './serve-process.ts';

export interface Crowd {
  /** Of a lab that nobody else uses. */
  readonly name: string;
  readonly hosts: number;
  /** Changes of each host. */
  readonly each: number;
}

export interface Played extends Count {
  /** From the first proposal to the last undoing. */
  readonly seconds: number;
}

const KEEP_MS = 3_600_000;
/** A check costs more than a change; it is not the crowd that is looked at. */
const READY_AT_ONCE = 5;

export async function playCrowd({ name, hosts: many, each }: Crowd): Promise<Played> {
  await using lab = await openLab({ name, hosts: many });
  await using slack = await startLocalSlack({ patienceMs: 60_000 });
  const dir = await mkdtemp(join(tmpdir(), 'change-crowd-'));
  const redis = await startPrivateRedis(dir);
  const store = new Redis({ path: join(dir, 'redis.sock') });
  const serving = [
    startServe({
      hosts: lab.paths.config,
      config: ROUNDS_POLICY,
      env: { REDIS_URL: redis.url, ...slackEnvironment(slack) },
    }),
    startServe({ hosts: lab.paths.config, config: ROUNDS_POLICY, env: { REDIS_URL: redis.url }, roles: 'worker,web' }),
  ];
  try {
    await Promise.all(serving);
    await slack.until(({ connected }) => connected);
    const hosts = lab.hosts.map((host) => host.name);
    const rounds: Rounds[] = [];
    for (let first = 0; first < hosts.length; first += READY_AT_ONCE)
      rounds.push(
        ...(await Promise.all(hosts.slice(first, first + READY_AT_ONCE).map((host) => openRounds(lab, slack, host)))),
      );
    const began = performance.now();
    await playRounds(rounds, each);
    const seconds = (performance.now() - began) / 1000;
    return { ...(await countChanges(lab, hosts, createChangeStore(store, KEEP_MS, KINDS))), seconds };
  } finally {
    for (const started of await Promise.allSettled(serving))
      if (started.status === 'fulfilled') await started.value.stop();
    store.disconnect();
    await redis.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
