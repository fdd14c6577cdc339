/** Changes of real hosts while the bot and its Redis are killed together: hosts go back by themselves, and the next start tells it. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ChangeHosts, KEPT, ON_TRIAL, OVER, openChangeHosts } from '../bot/change-hosts.ts';
import type { ServeProcess } from '../bot/serve-process.ts';
import { expectEnd, expectKeptByWhoSaidSo, expectWholeRecord } from './change-ends.ts';

/** The helper writes a file with this. */
const FILES = '/usr/local/sbin/sync';
/** Many hosts at a time keep a machine busy. */
const LOOKING = { interval: 500 };
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const [waits, keeps] = ['web-01', 'db-01'] as const;

let stage: ChangeHosts;
let bot: ServeProcess;

beforeAll(async () => {
  stage = await openChangeHosts('chaosall', 2);
  bot = await stage.serve('slack,worker,web');
});
afterAll(() => stage?.close());

describe('all of it is killed: the bot, its Redis, and a session that was keeping a change', () => {
  beforeAll(async () => {
    await stage.propose([waits], '1');
    await stage.propose([keeps]);
    await Promise.all([stage.trial(waits), stage.trial(keeps)]);
    const gate = await stage.gate(keeps, FILES, 'before');
    await stage.decide(keeps, 'keep');
    const session = await gate.reached();
    await Promise.all([bot.kill(), stage.killRedis()]);
    await stage.killSession(keeps, session);
    expect((await stage.truth(keeps)).file).toBe(KEPT.file);
    await stage.shortenTrial(waits);
  });

  it('the host goes back by itself', async () => {
    const { card } = ON_TRIAL;
    await expect.poll(() => stage.truth(waits), LOOKING).toEqual({ ...OVER, card });
  });

  it('what the host had begun to keep it keeps', async () => {
    // The bot is dead, and may or may not have shown that it was being kept.
    const { card: _, ...host } = KEPT;
    await expect.poll(() => stage.truth(keeps), LOOKING).toMatchObject(host);
  });

  it('the next start tells the truth', async () => {
    await stage.startRedis();
    await stage.serve('slack,worker,web');
    await Promise.all([expectEnd(stage, waits, OVER), expectKeptByWhoSaidSo(stage, keeps)]);
    await stage.untilTold(waits, 'Not kept before the deadline, so the host reverted it automatically');
  });
});

it('the record is whole', () => expectWholeRecord(stage));
