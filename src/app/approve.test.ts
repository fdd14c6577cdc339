import { describe, expect, it } from 'vitest';
import type { Policy, PolicyRule } from '#change/policy.ts';
import { makeApproverKey, signApproval } from '#change/signature.ts';
import type { Change, OrderedFreeze } from '#domain/change.ts';
import {
  ALICE,
  BOB,
  CAROL,
  changeOf,
  deciderOf,
  gateOf,
  hashOfGate,
  KIND,
  minutesLater,
  NOW,
  onTrial,
  personOf,
  takingBack,
} from '../../test/bot/example-change.ts';
import { RULE } from '../../test/bot/policy-rule.ts';
import { approve, openText } from './approve.ts';
import type { DecideTools } from './decide-ports.ts';
import { wish } from './wish.ts';

const rule: PolicyRule = { ...RULE, approve: { users: ['U0BOB', 'U0CAROL'], userGroups: [] } };
const ERIN = personOf('U0ERIN');
const FREEZE: OrderedFreeze = { group: 'web', by: 'U0BOB', since: NOW };
const key = makeApproverKey();

interface World {
  readonly rules?: readonly PolicyRule[];
  readonly frozen?: readonly OrderedFreeze[];
}

/** One change, and those who press. */
function world(there: Change, { rules = [rule], frozen = [] }: World = {}) {
  let change = there;
  const queued: string[] = [];
  const policy: Policy = { rules, breakGlass: { users: [ERIN.id], userGroups: [] }, admins: null, freezes: [] };
  const tools = {
    changes: {
      find: async () => change,
      async commit(_: Change, after: Change) {
        change = after;
        return 'done';
      },
    },
    freezes: { list: async () => frozen },
    kinds: new Map([['sysctl', KIND]]),
    queue: { add: async (_: string, task: string) => void queued.push(task) },
    announce: async () => {},
    policy,
    keys: new Map([['U0BOB', key.publicKey]]),
    groupsOf: () => ['web'],
    now: () => NOW,
  } as unknown as DecideTools;
  const said = (decision: Awaited<ReturnType<typeof wish>>) => (decision.kind === 'done' ? 'done' : decision.why);
  return {
    queued,
    async approves(by: typeof BOB, signed = false) {
      const { state } = change;
      const gate = state.kind === 'ended' ? 0 : state.gate;
      const text = openText(change, tools) ?? '';
      const given = {
        seen: hashOfGate(change, gate),
        trial: gate > 0,
        signature: signed ? signApproval(text, key.privateKey) : null,
      };
      return said(await approve(change.id, { ...deciderOf(by.id), ...given }, tools));
    },
    wishes: async (what: 'revert' | 'extend', by: typeof BOB) =>
      said(await wish(change.id, what, deciderOf(by.id), tools)),
  };
}

const needing = (name: string, approvals: number, outside = false) =>
  gateOf(name, { needs: { approvals, outside }, expiresAt: minutesLater(10) });

describe('a gate', () => {
  it('of a rule for two takes two people before anything is done, and one who keeps it', async () => {
    const rules = [{ ...rule, approvals: 2 }];
    const gates = [needing('apply', 2), needing('keep', 1)];
    const proposal = world(changeOf({ gates }), { rules });
    expect([await proposal.approves(BOB), proposal.queued]).toEqual(['done', []]);
    expect(await proposal.approves(BOB)).toBe('approved-already');
    expect([await proposal.approves(CAROL), proposal.queued]).toEqual(['done', ['advance']]);
    const trial = world(onTrial({ gates }), { rules });
    expect([await trial.approves(BOB), trial.queued]).toEqual(['done', ['advance']]);
  });

  it.each([changeOf(), onTrial(), takingBack()])(
    'is not opened by the requester, nor by a stranger',
    async (change) => {
      const { approves, queued } = world(change);
      expect([await approves(ALICE), await approves(personOf('U0EVE'))]).toEqual(['not-approver', 'not-approver']);
      const asked = world({ ...change, requester: BOB });
      expect(await asked.approves(BOB)).toBe('own-change');
      expect([queued, asked.queued]).toEqual([[], []]);
    },
  );

  it('is stopped by a freeze, but for Keep and the way back', async () => {
    const frozen = [FREEZE];
    expect(await world(changeOf(), { frozen }).approves(BOB)).toBe('frozen');
    for (const change of [onTrial(), takingBack()]) expect(await world(change, { frozen }).approves(BOB)).toBe('done');
  });

  it.each([
    ['apply', (outside: boolean) => changeOf({ gates: [needing('apply', 1, outside), needing('keep', 1, outside)] })],
    ['keep', (outside: boolean) => onTrial({ gates: [needing('apply', 1, outside), needing('keep', 1, outside)] })],
  ])('%s of a rule for signatures takes one, and no press', async (_, change) => {
    const rules = [{ ...rule, outsideSlack: true }];
    expect(await world(change(true), { rules }).approves(BOB)).toBe('needs-outside');
    expect(await world(change(true), { rules }).approves(BOB, true)).toBe('done');
    expect(await world(change(true), { rules }).approves(CAROL, true)).toBe('bad-signature');
  });

  it('of an emergency is opened by who began it, alone; of any other change by nobody who asked', async () => {
    const alone = onTrial({ breakGlass: true, requester: ERIN });
    expect(await world(alone).approves(ERIN)).toBe('done');
    expect(await world(onTrial({ requester: ERIN })).approves(ERIN)).toBe('not-approver');
  });
});

describe('a trial', () => {
  it('is prolonged by who may keep it, up to the longest of the rule, and not in a freeze', async () => {
    expect(await world(onTrial()).wishes('extend', BOB)).toBe('done');
    expect(await world(onTrial()).wishes('extend', ALICE)).toBe('own-change');
    expect(await world(onTrial()).wishes('extend', personOf('U0EVE'))).toBe('not-approver');
    expect(await world(onTrial(), { frozen: [FREEZE] }).wishes('extend', BOB)).toBe('frozen');
    expect(await world(onTrial({}, 20)).wishes('extend', BOB)).toBe('done');
    // The host began seconds after its approval.
    expect(await world(onTrial({}, 20.2)).wishes('extend', BOB)).toBe('done');
    expect(await world(onTrial({}, 21)).wishes('extend', BOB)).toBe('too-long');
    // The host dropped fractions of seconds.
    expect(await world(onTrial({}, 21 - 0.9 / 60)).wishes('extend', BOB)).toBe('too-long');
  });

  it('is reverted by all who may ask or approve, also in a freeze', async () => {
    for (const by of [ALICE, BOB, personOf('U0EVE')])
      expect(await world(onTrial(), { frozen: [FREEZE] }).wishes('revert', by)).toBe('done');
    const rules = [{ ...rule, ask: { users: ['U0ALICE'], userGroups: [] } }];
    expect(await world(onTrial(), { rules }).wishes('revert', personOf('U0EVE'))).toBe('not-asker');
  });
});
