/** The state machine of a change, whatever happens in whichever order: real Redis, real queue, hosts in memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transition } from '#app/transition.ts';
import { type ChangeId, stageOf } from '#domain/change.ts';
import { type PrivateRedis, startPrivateRedis } from '#store/private-redis.ts';
import { judge, judgeEnds, judgeNow } from '../bot/change-judge.ts';
import { type ChangeRedis, openChangeRedis } from '../bot/change-redis.ts';
import { ALICE, BOB, CAROL } from '../bot/change-rules.ts';
import { KINDS } from '../bot/change-samples.ts';
import { createStage, letTimePass } from '../bot/change-stage.ts';
import { LIVES, type Round, rounds, type Step, WORK } from '../bot/change-steps.ts';
import type { Wire } from '../bot/change-wire.ts';
import { type ChangeWorld, createChangeWorld } from '../bot/change-world.ts';

let dir: string;
let redis: PrivateRedis;
let lines: ChangeRedis;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'change-state-'));
  redis = await startPrivateRedis(dir);
  lines = await openChangeRedis(redis.url);
});
afterAll(async () => {
  await lines.close();
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

const RUNS = 200;
const ENOUGH_MS = 10_000;

/** Plays a story to its end; what must not be is found at once, or when everything has come to rest. */
async function tell(story: readonly Round[], order: number): Promise<void> {
  const world = await createChangeWorld(lines, order);
  const stage = createStage(world);
  for (const round of story) {
    await stage.play(round);
    expect(await judgeNow(world)).toEqual([]);
  }
  expect(await judge(world)).toEqual([]);
  await letTimePass(world, stage);
  expect(await judge(world)).toEqual([]);
  expect(await judgeEnds(world)).toEqual([]);
}

it('never writes twice, nor without leave, and always ends where the record says', async () => {
  const enough = performance.now() + ENOUGH_MS;
  await fc.assert(
    fc.asyncProperty(rounds, fc.nat(), async (story, order) => {
      // A busy machine gets through fewer stories, or stops shrinking one; none is left half-told.
      if (performance.now() < enough) await tell(story, order);
    }),
    { numRuns: RUNS },
  );
});

const DONE = { kind: 'ended', end: { how: 'done' } };
const PROPOSE: Step = { does: 'propose', who: ALICE, host: 'web-01', keys: 1, minutes: null, alone: false };
const APPROVE: Step = { does: 'approve', who: BOB, which: 0, seen: true, less: false, times: 1 };
const RECONCILE: Step = { does: 'reconcile', fate: LIVES };
const end = (what: 'keep' | 'revert' | 'extend'): Step => ({ does: 'end', what, who: BOB, which: 0, times: 1 });
const pass = (seconds: number): Step => ({ does: 'pass', seconds });
const cut = (wire: Wire): Step => ({ does: 'work', fate: LIVES, wire });
const dies = (after: number): Step => ({ does: 'work', fate: { kind: 'dies', after }, wire: 'fine' });
const stalls = (after: number): Step => ({ does: 'work', fate: { kind: 'stalls', after }, wire: 'fine' });
const inTurn = (steps: readonly Step[]): readonly Round[] => steps.map((step) => ({ atOnce: false, steps: [step] }));

/** More than any task takes. */
const MOST_STEPS = 12;

describe('a worker that is killed, or stands still for a minute, before any of its steps', () => {
  const asked = [pass(80), RECONCILE, cut('unreachable'), pass(6), WORK, WORK, { does: 'wake' } as const];

  it.each([
    ['applies', []],
    ['keeps', [WORK, end('keep')]],
    ['reverts', [WORK, end('revert')]],
    ['prolongs', [WORK, end('extend')]],
    ['takes back what was kept', [WORK, end('keep'), WORK, end('revert'), { ...APPROVE, who: CAROL }]],
  ])(
    'while it %s',
    async (_, before) => {
      for (let steps = 0; steps <= MOST_STEPS; steps++)
        for (const fate of [dies, stalls])
          await tell(inTurn([PROPOSE, APPROVE, ...before, fate(steps), ...asked]), steps);
    },
    120_000,
  );
});

/** One step after the other, and how the changes stand then, newest first. */
async function play(world: ChangeWorld, steps: readonly Step[]) {
  const stage = createStage(world);
  for (const round of inTurn(steps)) await stage.play(round);
  return (await world.store.changes.recent(9)).map(({ state }) => state);
}

describe('what was left half-done', () => {
  it('before it began, the next worker begins', async () => {
    const world = await createChangeWorld(lines, 1);
    const begun = await play(world, [PROPOSE, APPROVE, dies(1), pass(31), RECONCILE, WORK]);
    expect(begun).toMatchObject([{ kind: 'waiting', gate: 1, reverts: expect.any(Date) }]);
  });

  it('while what was kept is taken back, is taken back by the next worker', async () => {
    const world = await createChangeWorld(lines, 1);
    const approved = [PROPOSE, APPROVE, WORK, end('keep'), WORK, end('revert'), { ...APPROVE, who: CAROL }];
    const lost = await play(world, [...approved, dies(9)]);
    expect(lost[0]).toMatchObject({ kind: 'working', gate: 0 });
    const asked = await play(world, [pass(80), RECONCILE, WORK, WORK, WORK]);
    expect(asked).toMatchObject([DONE, DONE]);
    expect(
      world.hosts
        .get('web-01')
        ?.stands()
        .get(world.changes[0] ?? ''),
    ).toBe('reverted');
  });

  it('after the host had kept it, is kept on the word of the person who pressed Keep', async () => {
    const world = await createChangeWorld(lines, 1);
    const lost = await play(world, [PROPOSE, APPROVE, WORK, end('keep'), cut('cut-after')]);
    expect(lost).toMatchObject([{ kind: 'unclear' }]);
    expect(await play(world, [pass(6), WORK, WORK])).toMatchObject([
      { kind: 'ended', end: { how: 'done', by: { id: BOB } } },
    ]);
  });

  it('is not kept where somebody has set a value since, and the card says which', async () => {
    const world = await createChangeWorld(lines, 1);
    const sets: Step = { does: 'somebody-sets', host: 'web-01', value: '0' };
    const refused = await play(world, [PROPOSE, APPROVE, WORK, sets, end('keep'), WORK]);
    const dropped = { what: 'keep', by: { id: BOB }, why: 'foreign net.ipv4.tcp_tw_reuse 0' };
    expect(refused).toMatchObject([{ kind: 'waiting', gate: 1, wish: null, dropped }]);
  });

  it('prolonged, and only the answer was lost, is prolonged, and nobody is asked to press again', async () => {
    const world = await createChangeWorld(lines, 1);
    const lost = await play(world, [PROPOSE, APPROVE, WORK, end('extend'), cut('cut-after')]);
    expect(lost).toMatchObject([{ kind: 'unclear' }]);
    expect(await play(world, [pass(6), WORK, WORK])).toMatchObject([{ kind: 'waiting', gate: 1, dropped: null }]);
    expect(await judge(world)).toEqual([]);
  });

  it('and kept by hand on the host, is kept by nobody that we know of', async () => {
    const world = await createChangeWorld(lines, 1);
    await play(world, [PROPOSE, APPROVE, WORK]);
    world.hosts.get('web-01')?.keepByHand(world.changes[0] ?? '');
    expect(await play(world, [pass(310), RECONCILE, WORK, WORK, WORK])).toMatchObject([
      { kind: 'ended', end: { how: 'done', by: null } },
    ]);
  });
});

describe('a host that has lost its journal', () => {
  it.each([
    ['the trial was left alone', [pass(310)]],
    ['somebody pressed Keep', [end('keep'), WORK]],
  ])(
    'has not “never begun” what it was seen doing, after %s, until somebody who looked lets it go',
    async (_, then) => {
      const world = await createChangeWorld(lines, 1);
      await play(world, [PROPOSE, APPROVE, WORK]);
      world.hosts.get('web-01')?.forget();
      const lost = await play(world, [...then, RECONCILE, WORK, WORK, pass(20), RECONCILE, WORK, WORK]);
      expect(lost).toMatchObject([{ kind: 'unclear', began: true }]);
      const [id] = world.changes;
      const by = { surface: 'slack', id: BOB } as const;
      const ended = await transition(
        id as ChangeId,
        { kind: 'abandon', by },
        { ...world.store, kinds: KINDS, announce: async () => {}, now: world.now },
      );
      expect(ended).toMatchObject({ kind: 'moved', change: { state: { end: { how: 'abandoned', by } } } });
      expect(await world.store.changes.lockOf('web-01')).toBeUndefined();
      expect(await world.store.changes.active()).toEqual([]);
    },
  );
});

it('of two proposals at the same moment one stays', async () => {
  for (let order = 0; order < 8; order++) {
    const world = await createChangeWorld(lines, order);
    await createStage(world).play({ atOnce: false, steps: [PROPOSE, { ...PROPOSE, who: BOB }] });
    const stages = (await world.store.changes.recent(9)).map(stageOf);
    expect(stages).toEqual(['waiting apply', 'superseded']);
  }
});

it('a host that is away is never asked ever more often', async () => {
  const world = await createChangeWorld(lines, 1);
  await play(world, [PROPOSE, APPROVE, cut('cut-before')]);
  const stage = createStage(world);
  for (let quarters = 0; quarters < 120; quarters++) {
    const asking = Array.from({ length: 6 }, () => cut('unreachable'));
    await stage.play({ atOnce: true, steps: [pass(15), RECONCILE, ...asking] });
    expect(await world.waiting()).toBeLessThan(10);
  }
});
