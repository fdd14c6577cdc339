/** Changes of real hosts while Redis is killed at every step, then the bot with it: nothing is lost, and hosts go back by themselves. */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHANGES, QUEUE_PREFIX } from '#queue/names.ts';
import {
  type ChangeHosts,
  DECIDES,
  KEPT,
  ON_TRIAL,
  OVER,
  openChangeHosts,
  type Truth,
  untilSaid,
} from '../bot/change-hosts.ts';
import { wordsOf } from '../bot/seen.ts';
import type { ServeProcess } from '../bot/serve-process.ts';
import { cli } from './cli-process.ts';

/** The helper writes a value, and a file, with these. */
const [WRITES, FILES] = ['/usr/local/sbin/dd', '/usr/local/sbin/sync'];
/** Many hosts at a time keep a machine busy. */
const LOOKING = { interval: 500 };
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const [waits, approved, applies, keeps, tries] = ['web-01', 'db-01', 'api-01', 'lb-01', 'nat-01'] as const;

let stage: ChangeHosts;
let bot: ServeProcess;

beforeAll(async () => {
  stage = await openChangeHosts('chaosredis', 5);
  bot = await stage.serve('slack,worker,web');
});
afterAll(() => stage?.close());

async function ends(host: string, truth: Truth): Promise<void> {
  expect(await stage.ends(host, truth)).toEqual(truth);
}

async function keptByWhoSaidSo(host: string): Promise<void> {
  await ends(host, KEPT);
  expect(wordsOf(stage.cardOf(host)?.blocks)).toMatch(new RegExp(`Kept by\\s+@${DECIDES}`));
}

/** Workers finish what they have, and take nothing more. */
async function tasks(how: 'pause' | 'resume'): Promise<void> {
  const connection = new Redis(stage.redisUrl().replace(/^unix:\/\//, ''), { maxRetriesPerRequest: null });
  const queue = new Queue(CHANGES, { connection, prefix: QUEUE_PREFIX });
  await queue[how]();
  await queue.close();
  connection.disconnect();
}

describe('Redis is killed, and starts again with its append-only file', () => {
  beforeAll(async () => {
    await stage.propose([waits], '1');
    await stage.propose([approved, applies, keeps, tries]);
    await Promise.all([stage.trial(keeps), stage.trial(tries)]);
    const gates = await Promise.all([stage.gate(applies, WRITES, 'after'), stage.gate(keeps, FILES, 'before')]);
    await Promise.all([stage.approve(applies), stage.decide(keeps, 'keep')]);
    await Promise.all(gates.map(({ reached }) => reached()));
    await tasks('pause');
    await stage.approve(approved);
    await stage.untilCard(approved, 'approved, waiting to apply');
    await stage.killRedis();
    await Promise.all(gates.map(({ open }) => open()));
    // Both are done on their hosts, and neither could be written down.
    await untilSaid(bot, /(?:"task":"advance".*task went wrong[\s\S]*){2}/);
    await stage.startRedis();
    await tasks('resume');
  });

  it('on trial: it is on trial still', () => ends(tries, ON_TRIAL));
  it('approved, and not begun: it is applied', () => ends(approved, ON_TRIAL));
  it('while it is applied: it is on trial', () => ends(applies, ON_TRIAL));
  it('while it is kept: it is kept, by who said so', () => keptByWhoSaidSo(keeps));
  it('waiting for approval: it can be approved', async () => {
    await stage.approve(waits);
    await ends(waits, ON_TRIAL);
  });
});

describe('all of it is killed: the bot, its Redis, and a session that was keeping a change', () => {
  beforeAll(async () => {
    const gate = await stage.gate(tries, FILES, 'before');
    await stage.decide(tries, 'keep');
    const session = await gate.reached();
    await Promise.all([bot.kill(), stage.killRedis()]);
    await stage.killSession(tries, session);
    expect((await stage.truth(tries)).file).toBe(KEPT.file);
    await stage.shortenTrial(waits);
  });

  it('the host goes back by itself', async () => {
    const { card } = ON_TRIAL;
    await expect.poll(() => stage.truth(waits), LOOKING).toEqual({ ...OVER, card });
  });

  it('what the host had begun to keep it keeps', async () => {
    // The bot is dead, and may or may not have shown that it was being kept.
    const { card: _, ...host } = KEPT;
    await expect.poll(() => stage.truth(tries), LOOKING).toMatchObject(host);
  });

  it('the next start tells the truth', async () => {
    await stage.startRedis();
    await stage.serve('slack,worker,web');
    await Promise.all([ends(waits, OVER), keptByWhoSaidSo(tries)]);
    await stage.untilTold(waits, 'Not kept before the deadline, so the host reverted it automatically');
  });
});

it('the record is whole', async () => {
  const verified = await cli(['audit', 'verify', '--config', stage.lab.paths.config], {
    env: { REDIS_URL: stage.redisUrl() },
  });
  expect([verified.status, verified.stdout]).toEqual([0, expect.stringContaining('the chain is intact')]);
});
