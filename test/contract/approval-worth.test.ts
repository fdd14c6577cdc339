/** What an approval is worth against somebody who writes to Redis, presses what is not theirs, or has a signed approval in store. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { advance } from '#app/advance.ts';
import { deny } from '#app/deny.ts';
import { wish } from '#app/wish.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Plan } from '#domain/plan.ts';
import { planOf } from '../bot/change-plans.ts';
import { VALUES } from '../bot/change-world.ts';
import { deciderOf } from '../bot/example-change.ts';
import {
  ALICE,
  APPLIED,
  BOB,
  CAROL,
  DB_KEY,
  FIN,
  forged,
  KEYS,
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

/** Nothing was written anywhere, the change says why, and so does the record. */
async function expectRefused(id: ChangeId, code: string): Promise<void> {
  expect(here.live('web-01')).toEqual(VALUES);
  expect(here.live('db-01')).toEqual(VALUES);
  expect((await here.find(id)).state).toMatchObject({ kind: 'ended', end: { how: 'failed', failure: { code } } });
  expect((await here.trail(id)).at(-1)).toMatchObject({ event: 'fail', to: 'failed', details: { failure: { code } } });
}

describe('a signed approval of a change that somebody edits in Redis', () => {
  it('is good for that change', async () => {
    const id = await here.approved();
    await here.work(id);
    expect(here.live('web-01')).toEqual(APPLIED);
    expect((await here.find(id)).state).toMatchObject({ kind: 'waiting', gate: 1 });
  });

  it('is good once, though the record is put back to before it was used', async () => {
    const id = await here.tried();
    expect(await wish(id, 'revert', deciderOf(BOB), here.decideTools())).toMatchObject({ kind: 'done' });
    await here.work(id);
    const queued = { kind: 'queued', at: START.toISOString(), gate: 0, reverts: null, holder: null, away: null };
    await here.edit(id, (change) => (change.state = queued));
    await here.work(id);
    expect([here.live('web-01'), (await here.find(id)).state]).toMatchObject([VALUES, { kind: 'ended' }]);
  });

  const onDb: Edit = (change) => {
    change.host = change.plan.host = 'db-01';
    for (const gate of change.gates) Object.assign(gate, { host: 'db-01', hostKey: DB_KEY });
  };
  const EDITS: readonly (readonly [what: string, edit: Edit, code: string])[] = [
    ['for another host', onDb, 'not-approved'],
    ['for another host under the rule of this one', ({ gates }) => (gates[0].host = 'db-01'), 'no-such-plan'],
    ['for a host with another key', ({ gates }) => (gates[0].hostKey = DB_KEY), 'not-approved'],
    ['for a host without a key', ({ gates }) => (gates[0].hostKey = null), 'no-host-key'],
    ['of less risk', ({ plan }) => (plan.risk = 'low'), 'no-such-plan'],
    [
      'of a fix of less risk',
      ({ plan }) => Object.assign(plan, { fix: 'reuse-time-wait-ports', risk: 'low' }),
      'no-such-plan',
    ],
    [
      'of a fix of less risk that writes this',
      ({ plan }) => Object.assign(plan, { fix: 'reuse-time-wait-ports', risk: 'low', steps: plan.steps.slice(0, 1) }),
      'not-approved',
    ],
    ['of another value', ({ plan }) => (plan.steps[0].to = '0'), 'not-approved'],
    ['of a step less', ({ plan }) => plan.steps.pop(), 'not-approved'],
    ['for longer', ({ gates }) => (gates[0].expiresAt = later(60).toISOString()), 'not-approved'],
    ['of somebody else', (change) => (change.requester.id = MALLORY), 'not-approved'],
    ['of the same person elsewhere', (change) => (change.requester.surface = 'cli'), 'not-approved'],
    ['in an emergency', (change) => (change.breakGlass = true), 'not-approved'],
    ['with a longer trial', (change) => (change.revertMinutes = 30), 'not-approved'],
    ['with a trial past the limit', (change) => (change.revertMinutes = 31), 'too-long'],
    ['in another namespace', ({ plan }) => (plan.netns = '4026531840'), 'not-approved'],
    ['with an artefact', ({ gates }) => (gates[0].artefact = 'f'.repeat(64)), 'not-approved'],
    [
      'that needs nobody',
      ({ gates }) => Object.assign(gates[0], { needs: { approvals: 0, outside: false }, approvals: [] }),
      'not-approved',
    ],
    [
      'that needs one',
      ({ gates }) =>
        Object.assign(gates[0], { needs: { approvals: 1, outside: true }, approvals: gates[0].approvals.slice(1) }),
      'not-approved',
    ],
    ['that is only to be kept', ({ gates }) => gates.shift(), 'no-such-plan'],
    ['that nobody has to keep', ({ gates }) => gates.pop(), 'no-such-plan'],
    ['that takes back another one', (change) => (change.reverts = 'aaaaaaaa'), 'no-such-plan'],
    [
      'without the signatures',
      ({ gates }) => (gates[0].approvals = gates[0].approvals.map((each) => ({ ...each, signature: null }))),
      'not-approved',
    ],
    [
      'by one person twice',
      ({ gates: [{ approvals }] }) => approvals.splice(1, 1, ...approvals.slice(0, 1)),
      'not-approved',
    ],
    [
      'by one person under two names',
      ({ gates }) => (gates[0].approvals[1] = { ...gates[0].approvals[0], by: { surface: 'slack', id: CAROL } }),
      'not-approved',
    ],
    [
      'by one person on two surfaces',
      ({ gates }) => (gates[0].approvals[1] = { ...gates[0].approvals[0], by: { surface: 'cli', id: BOB } }),
      'not-approved',
    ],
  ];
  it.each(EDITS)('is none %s', async (_, edit, code) => {
    const id = await here.approved();
    await here.edit(id, edit);
    await here.work(id);
    expect(here.told).toEqual([]);
    await expectRefused(id, code);
    // It is over: no later task tries again.
    await here.work(id);
    expect(here.told).toEqual([]);
  });

  it('is none of the requester, whatever surface the record names, nor by membership that the record claims', async () => {
    for (const [who, surface] of [
      [ALICE, 'cli'],
      [MALLORY, 'slack'],
    ] as const) {
      here = await place.begin();
      const id = await here.ask();
      const signature = signatureOf(await here.find(id), who);
      await here.sign(id, BOB);
      const hash = (await here.find(id)).gates[0]?.approvals[0]?.hash ?? '';
      await here.edit(id, (change) => {
        change.gates[0].approvals.push(forged(who, hash, { by: { surface, id: who }, signature }));
        change.state = { kind: 'queued', at: START.toISOString(), gate: 0, reverts: null, holder: null, away: null };
      });
      await here.work(id);
      await expectRefused(id, 'not-approved');
    }
  });

  it('begins no emergency alone, in the name of the person who gave it', async () => {
    const id = await here.ask();
    await here.edit(id, (change) =>
      Object.assign(change, { breakGlass: true, requester: { surface: 'slack', id: BOB } }),
    );
    const signature = signatureOf(await here.find(id), BOB);
    expect(await here.press(id, BOB, { signature })).toMatchObject({ kind: 'refused', why: 'own-change' });
    await here.edit(id, (change) => {
      change.gates[0].approvals = [forged(BOB, '', { signature })];
      change.state = { kind: 'queued', at: START.toISOString(), gate: 0, reverts: null, holder: null, away: null };
    });
    await here.work(id);
    await expectRefused(id, 'not-approved');
  });

  it.each(['host', 'fix', 'netns', 'key', 'from', 'hostKey', 'requester'])(
    'is not looked at where its %s holds what no text can: the change is set aside, and said to be unknown',
    async (field) => {
      for (const bad of ['a\nrisk\tlow', '\u0000', '\u001b[2J', '\ud800', 'x\u0085']) {
        here = await place.begin();
        const id = await here.approved();
        await here.edit(id, (change) => {
          if (field === 'host') change.host = change.plan.host = bad;
          else if (field === 'fix' || field === 'netns') change.plan[field] = bad;
          else if (field === 'hostKey') change.gates[0].hostKey = bad;
          else if (field === 'requester') change.requester.id = bad;
          else Object.assign(change.plan.steps[0], { [field]: bad });
        });
        await here.work(id);
        expect(await here.find(id)).toBeUndefined();
        expect(await deny(id, deciderOf(BOB), 'no', here.decideTools())).toMatchObject({ why: 'unknown-change' });
        expect([here.told, here.live('web-01')]).toEqual([[], VALUES]);
      }
    },
  );

  it('is left alone where its kind is none of ours, and comes to nothing when its plan is huge', async () => {
    const id = await here.approved();
    await here.edit(id, (change) => (change.kind = 'reboot'));
    await here.work(id);
    expect([here.told, await here.find(id)]).toEqual([[], undefined]);
    await here.edit(id, (change) => {
      change.kind = 'sysctl';
      change.plan.steps[0].to = '1,'.repeat(200_000);
    });
    await here.work(id);
    expect(here.told).toEqual([]);
  });
});

describe('a worker', () => {
  it.each<[string, () => void, string]>([
    [
      'an approver’s key is gone',
      () => (here.world.keys = new Map([...here.world.keys].filter(([id]) => id !== CAROL))),
      'not-approved',
    ],
    [
      'an approver’s key is another',
      () => (here.world.keys = new Map([...here.world.keys, [CAROL, KEYS.get(MALLORY)?.publicKey ?? '']])),
      'not-approved',
    ],
    ['an approver may no longer', () => here.setRule({ approve: { users: [BOB], userGroups: [] } }), 'not-approved'],
    ['more are needed', () => here.setRule({ approvals: 3 }), 'not-approved'],
    ['trials are shorter', () => here.setRule({ longestRevertMinutes: 5 }), 'too-long'],
    ['the host is in a group without a rule', () => here.setRule({ groups: ['db'] }), 'no-rule'],
    ['another host answers under its name', () => (here.world.answers = { 'web-01': 'db-01' }), 'host-key-other'],
  ])('goes by what is so now: %s', async (_, happens, code) => {
    const id = await here.approved();
    happens();
    await here.work(id);
    expect(here.told).toEqual([]);
    await expectRefused(id, code);
  });

  it.each([40, -40])('whose clock is %d minutes off does nothing that was not approved', async (minutes) => {
    const id = await here.approved();
    here.world.now = later(minutes);
    await here.work(id);
    const { state } = await here.find(id);
    if (minutes > 0) expect(state).toMatchObject({ end: { how: 'expired' } });
    else expect(here.live('web-01')).toEqual(APPLIED);
  });

  it('takes note of a freeze that came between its two questions', async () => {
    const id = await here.approved();
    here.world.begun = () => here.freeze('web');
    await here.work(id);
    expect(here.told).toEqual([]);
    await expectRefused(id, 'frozen');
  });

  it('does only what it has judged, when the record is swapped between its two questions', async () => {
    for (const expires of [20, 0.5]) {
      here = await place.begin();
      const id = await here.approved();
      const tools = here.workTools();
      let looks = 0;
      const find = async (wanted: ChangeId) => {
        looks += 1;
        if (looks === 2)
          await here.edit(id, ({ plan, gates }) => {
            plan.steps[0].to = '0';
            Object.assign(gates[0], {
              needs: { approvals: 0, outside: false },
              approvals: [],
              expiresAt: later(expires).toISOString(),
            });
          });
        return tools.changes.find(wanted);
      };
      // Just then its time is over, too.
      let now = START;
      const announce = async () => {
        now = later(1);
      };
      await advance(id, { ...tools, changes: { ...tools.changes, find }, announce, now: () => now });
      expect(here.told).toEqual([]);
      await expectRefused(id, 'not-approved');
    }
  });

  it.each<[string, object]>([
    ['queued', { kind: 'queued', gate: 0, reverts: null, holder: null, away: null }],
    ['queued to be kept', { kind: 'queued', gate: 1, reverts: later(10).toISOString(), holder: null, away: null }],
    ['at work', { kind: 'working', gate: 0, reverts: null, wish: null, running: false }],
    ['at work and seen there', { kind: 'working', gate: 0, reverts: null, wish: null, running: true }],
    ['at work to keep it', { kind: 'working', gate: 1, reverts: later(10).toISOString(), wish: null, running: false }],
    ['lost sight of', { kind: 'unclear', gate: 1, why: 'gone', wish: null, began: true }],
    ['on trial', trialState({ what: 'revert', by: { surface: 'slack', id: BOB }, at: START.toISOString() })],
  ])('writes nothing for a proposal that the record calls %s', async (_, state) => {
    const id = await here.ask();
    await here.edit(id, (change) => {
      change.state = { ...state, at: START.toISOString() };
      change.gates[1].expiresAt = later(10).toISOString();
      for (const gate of change.gates) gate.approvals = [forged(BOB, 'a'.repeat(64)), forged(CAROL, 'a'.repeat(64))];
    });
    for (const minutes of [0, 2, 20]) {
      here.world.now = later(minutes);
      await here.work(id);
    }
    expect([here.live('web-01'), here.told.filter((words) => !/ (status|revert) /.test(words))]).toEqual([VALUES, []]);
  });
});

describe('approving less', () => {
  const low = planOf('web-01', 1);
  const [first] = low.steps;
  const plan: Plan = {
    ...planOf('web-01', 2),
    steps: planOf('web-01', 2).steps.map((step, index) =>
      index === 0 ? step : { ...step, needs: [first?.key ?? ''] },
    ),
  };

  it('never drops what a step needs, adds nothing, and is never longer', async () => {
    here.setRule({ approvals: 1, outsideSlack: false });
    const id = await here.ask(plan);
    for (const narrowed of [
      { parts: [FIN], revertMinutes: 5 },
      { parts: [], revertMinutes: 5 },
      { parts: [REUSE, 'net.core.somaxconn'], revertMinutes: 5 },
      { parts: ['__proto__'], revertMinutes: 5 },
      ...[11, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((revertMinutes) => ({
        parts: [REUSE],
        revertMinutes,
      })),
    ])
      expect(await here.press(id, BOB, { narrowed }), JSON.stringify(narrowed)).toMatchObject({ why: 'widened' });
    // A signature of the whole plan is none of less of it.
    const signature = signatureOf(await here.find(id), BOB);
    const narrowed = { parts: [REUSE], revertMinutes: 5 };
    expect(await here.press(id, BOB, { narrowed, signature })).toMatchObject({ why: 'bad-signature' });
    expect(await here.press(id, BOB, { narrowed })).toMatchObject({ kind: 'done' });
    await here.work(id);
    expect(here.live('web-01')).toEqual({ ...VALUES, [REUSE]: '1' });
  });
});

describe('without signatures', () => {
  it('who writes to Redis forges approvals: a limit that docs/security.md names', async () => {
    const id = await here.ask(planOf('web-01', 1));
    const hash = (await here.press(id, BOB)).change?.gates[0]?.approvals[0]?.hash ?? '';
    await here.edit(id, (change) => (change.gates[0].approvals = [forged(CAROL, hash)]));
    await here.work(id);
    expect(here.live('web-01')).toEqual({ ...VALUES, [REUSE]: '1' });
  });
});
