/** Changes of real hosts while Redis is killed, at every step: nothing is lost. */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { CHANGES, QUEUE_PREFIX } from '#queue/names.ts';
import { type ChangeHosts, ON_TRIAL, openChangeHosts, type Truth, untilSaid } from '../bot/change-hosts.ts';
import type { ServeProcess } from '../bot/serve-process.ts';
import { expectEnd, expectKeptByWhoSaidSo, expectWholeRecord } from './change-ends.ts';

/** The helper writes a value, and a file, with these. */
const [WRITES, FILES] = ['/usr/local/sbin/dd', '/usr/local/sbin/sync'];
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const [waits, approved, applies, keeps, tries] = ['web-01', 'db-01', 'api-01', 'lb-01', 'nat-01'] as const;

let stage: ChangeHosts;
let bot: ServeProcess;

beforeAll(async () => {
  stage = await openChangeHosts('chaosredis', 5);
  bot = await stage.serve('slack,worker,web');
});
afterAll(() => stage?.close());

const ends = (host: string, truth: Truth) => expectEnd(stage, host, truth);

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
  it('while it is kept: it is kept, by who said so', () => expectKeptByWhoSaidSo(stage, keeps));
  it('waiting for approval: it can be approved', async () => {
    await stage.approve(waits);
    await ends(waits, ON_TRIAL);
  });
});

it('the record is whole', () => expectWholeRecord(stage));
