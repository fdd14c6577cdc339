/** What an approval is worth of a trial, and of what was kept, against somebody who writes to Redis or presses what is not theirs. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { wish } from '#app/wish.ts';
import { VALUES } from '../bot/change-world.ts';
import { deciderOf } from '../bot/example-change.ts';
import {
  ALICE,
  APPLIED,
  BOB,
  CAROL,
  forged,
  later,
  MALLORY,
  openApprovalPlace,
  REUSE,
  START,
  signatureOf,
  trialState,
} from './approval-place.ts';
import type { Edit } from './edit-change.ts';

let place: Awaited<ReturnType<typeof openApprovalPlace>>;
let here: Awaited<ReturnType<typeof place.begin>>;
beforeAll(async () => {
  place = await openApprovalPlace();
});
afterAll(() => place?.close());
beforeEach(async () => {
  here = await place.begin();
});

describe('what was kept', () => {
  it('is taken back by a change that two have signed, told again while it is not known how it ended', async () => {
    const kept = await here.kept();
    const id = await here.takeBack(kept);
    await here.sign(id, BOB, CAROL);
    await here.work(id);
    expect([here.live('web-01'), here.told.at(-1)]).toEqual([VALUES, `web-01 revert ${kept}`]);
    expect((await here.find(id)).state).toMatchObject({ end: { how: 'done' } });
    await here.edit(
      id,
      (change) =>
        (change.state = { kind: 'unclear', at: START.toISOString(), gate: 0, why: 'gone', wish: null, began: false }),
    );
    await here.work(id);
    expect(here.told.at(-1)).toBe(`web-01 revert ${kept}`);
  });

  it.each<[string, object]>([
    ['queued', { kind: 'queued', gate: 0, reverts: null, holder: null, away: null }],
    ['at work', { kind: 'working', gate: 0, reverts: null, wish: null, running: true }],
    ['lost sight of', { kind: 'unclear', gate: 0, why: 'gone', wish: null, began: true }],
    [
      'on trial',
      { ...trialState({ what: 'revert', by: { surface: 'slack', id: BOB }, at: START.toISOString() }), gate: 0 },
    ],
  ])('stays, though the record calls a proposal to take it back %s', async (_, state) => {
    const kept = await here.kept();
    const id = await here.takeBack(kept);
    await here.edit(id, (change) => {
      change.state = { ...state, at: START.toISOString() };
      change.gates[0].approvals = [forged(BOB, 'a'.repeat(64)), forged(CAROL, 'a'.repeat(64))];
    });
    for (const minutes of [0, 2, 12]) {
      here.world.now = later(minutes);
      await here.work(id);
    }
    expect([here.live('web-01'), here.told.filter((words) => words.includes('revert'))]).toEqual([APPLIED, []]);
  });

  it('stays, though its record is made a trial again that somebody wants back', async () => {
    const kept = await here.kept();
    for (const what of ['revert', 'extend']) {
      await here.edit(kept, (change) => {
        const at = START.toISOString();
        change.state = { ...trialState({ what, by: { surface: 'slack', id: BOB }, at }), at };
      });
      for (const minutes of [0, 12]) {
        here.world.now = later(minutes);
        await here.work(kept);
      }
      expect(here.live('web-01')).toEqual(APPLIED);
      expect((await here.find(kept)).state).toMatchObject({ end: { how: 'done' } });
    }
  });

  it('is taken back by who was shown its steps, and no others', async () => {
    const [kept, other] = [await here.kept(), 'aaaaaaaa'];
    const id = await here.takeBack(kept);
    for (const edit of [
      (change) => (change.plan.steps[0].to = '0'),
      (change) => (change.reverts = other),
      (change) => change.plan.steps.pop(),
    ] satisfies Edit[]) {
      const back = await here.takeBack(kept);
      await here.edit(back, edit);
      await here.sign(back, BOB, CAROL);
      await here.work(back);
      expect((await here.find(back)).state).toMatchObject({ end: { failure: { code: 'no-such-plan' } } });
    }
    expect((await here.find(id)).state).toMatchObject({ end: { how: 'superseded' } });
    expect(here.live('web-01')).toEqual(APPLIED);
  });

  it('is taken back once, and what took it back is not', async () => {
    const kept = await here.kept();
    const first = await here.takeBack(kept);
    const second = await here.takeBack(kept);
    expect(await here.press(first, BOB)).toMatchObject({ why: 'superseded' });
    await here.sign(second, BOB, CAROL);
    await here.work(second);
    await expect(here.takeBack(second)).rejects.toThrow('not-kept');
    await expect(here.takeBack(kept)).rejects.toThrow('not-kept');
    expect([here.live('web-01'), (await here.find(second)).state]).toMatchObject([VALUES, { end: { how: 'done' } }]);
  });

  it('is known to be taken back, however many changes of its host there have been since', async () => {
    const kept = await here.kept();
    const back = await here.takeBack(kept);
    await here.sign(back, BOB, CAROL);
    await here.work(back);
    for (let i = 0; i < 30; i++) await here.ask();
    await expect(here.takeBack(kept)).rejects.toThrow('not-kept');
  });

  it('is taken back by others than who asks for that, with signatures, and whole', async () => {
    const id = await here.takeBack(await here.kept(), BOB);
    const parts = [REUSE];
    for (const [who, more, why] of [
      [BOB, {}, 'own-change'],
      [MALLORY, {}, 'not-approver'],
      [ALICE, {}, 'needs-outside'],
      [ALICE, { narrowed: { parts, revertMinutes: 5 } }, 'needs-outside'],
      [ALICE, { narrowed: { parts, revertMinutes: 5 }, signature: signatureOf(await here.find(id), ALICE) }, 'widened'],
    ] as const)
      expect(await here.press(id, who, more), why).toMatchObject({ kind: 'refused', why });
  });
});

describe('keep, and more time', () => {
  it('are for others than the requester who may approve, and signed where the rule wants that', async () => {
    const id = await here.tried();
    for (const [who, why] of [
      [ALICE, 'own-change'],
      [MALLORY, 'not-approver'],
      [BOB, 'needs-outside'],
    ] as const)
      expect(await here.press(id, who), who).toMatchObject({ kind: 'refused', why });
    for (const [who, why] of [
      [ALICE, 'own-change'],
      [MALLORY, 'not-approver'],
    ] as const)
      expect(await wish(id, 'extend', deciderOf(who), here.decideTools()), who).toMatchObject({ kind: 'refused', why });
    expect((await here.find(id)).state).toMatchObject({ kind: 'waiting', gate: 1, wish: null });
  });

  it('a freeze stops more time, and neither keep nor the way back', async () => {
    const id = await here.tried();
    await here.freeze('web');
    expect(await wish(id, 'extend', deciderOf(BOB), here.decideTools())).toMatchObject({ why: 'frozen' });
    await here.sign(id, BOB);
    await here.work(id);
    expect((await here.find(id)).state).toMatchObject({ end: { how: 'done', by: { id: BOB } } });
    const back = await here.takeBack(id);
    await here.sign(back, BOB, CAROL);
    await here.work(back);
    expect(here.live('web-01')).toEqual(VALUES);
  });

  it('a trial is prolonged up to the limit of the rule', async () => {
    here.setRule({ longestRevertMinutes: 20 });
    const id = await here.tried();
    expect(await wish(id, 'extend', deciderOf(BOB), here.decideTools())).toMatchObject({ kind: 'done' });
    await here.work(id);
    expect(await wish(id, 'extend', deciderOf(BOB), here.decideTools())).toMatchObject({ why: 'too-long' });
  });

  it('a trial is not prolonged past the limit by two who press at once', async () => {
    here.setRule({ longestRevertMinutes: 20 });
    const id = await here.tried();
    const tools = here.decideTools();
    const list = vi.fn(tools.freezes.list);
    // Bob's press is asked for and carried out while Carol's is still being judged.
    list.mockImplementationOnce(async () => {
      expect(await wish(id, 'extend', deciderOf(BOB), tools)).toMatchObject({ kind: 'done' });
      await here.work(id);
      return [];
    });
    const slow = { ...tools, freezes: { ...tools.freezes, list } };
    expect(await wish(id, 'extend', deciderOf(CAROL), slow)).toMatchObject({ kind: 'refused', why: 'decided' });
  });

  it('an approval to keep that was given before a trial was prolonged counts no more', async () => {
    const id = await here.tried();
    const signature = signatureOf(await here.find(id), BOB);
    await here.press(id, BOB, { signature });
    const [, before] = (await here.find(id)).gates;
    await here.edit(id, (change) => {
      const at = START.toISOString();
      change.state = { ...trialState({ what: 'extend', by: { surface: 'slack', id: BOB }, at }), at };
    });
    await here.work(id);
    await here.edit(id, (change) => {
      change.gates[1].approvals = [...(before?.approvals ?? [])];
      change.state = {
        kind: 'queued',
        at: START.toISOString(),
        gate: 1,
        reverts: change.state.reverts,
        holder: null,
        away: null,
      };
    });
    await here.work(id);
    expect((await here.find(id)).state).toMatchObject({
      kind: 'waiting',
      dropped: { what: 'keep', why: 'not-approved' },
    });
    expect(here.told.filter((words) => words.includes('keep'))).toEqual([]);
  });
});
