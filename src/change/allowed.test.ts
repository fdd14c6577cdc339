import { describe, expect, it } from 'vitest';
import type { Approval, Change, ChangeId, Gate } from '#domain/change.ts';
import type { Plan } from '#domain/plan.ts';
import {
  ALICE,
  approvalOf,
  BOB,
  CAROL,
  changeOf,
  gateOf,
  HOST_KEY,
  hashOfGate,
  KIND,
  minutesLater,
  NOW,
  onTrial,
  personOf,
  planOf,
  stepOf,
  takingBack,
  withApprovals,
} from '../../test/bot/example-change.ts';
import { FOUR_GATES, FOUR_GATES_KIND, type FourGatesPlan } from '../../test/bot/four-gates/kind.ts';
import { RULE } from '../../test/bot/policy-rule.ts';
import { type Circumstances, freezesOf, whyNotAllowed } from './allowed.ts';
import { boundOf, hashOf } from './bound.ts';
import type { Policy, PolicyRule } from './policy.ts';
import { makeApproverKey, signApproval } from './signature.ts';

const [DAVE, ERIN] = [personOf('U0DAVE'), personOf('U0ERIN')];
const rule: PolicyRule = { ...RULE, approve: { users: ['U0ALICE', 'U0BOB', 'U0CAROL'], userGroups: ['S0SRE'] } };
const policy: Policy = { rules: [rule], breakGlass: { users: ['U0ERIN'], userGroups: [] }, admins: null, freezes: [] };
const around: Circumstances = { policy, groups: ['web'], frozen: [], keys: new Map(), now: NOW };

const ruled = (fields: Partial<PolicyRule>, more: Partial<Policy> = {}): Circumstances => ({
  ...around,
  policy: { ...policy, rules: [{ ...rule, ...fields }], ...more },
});

/** Asked of the gate that the change has come to. */
function why(change: Change, circumstances: Circumstances = around): string | undefined {
  return whyNotAllowed(KIND, change, change.state.kind === 'ended' ? 0 : change.state.gate, circumstances);
}

/** Approved by Bob, as it is. */
function approved(change: Change<Plan>, ...more: readonly Approval[]): Change<Plan> {
  const gate = change.state.kind === 'ended' ? 0 : change.state.gate;
  return withApprovals(change, gate, [approvalOf(change, gate, BOB), ...more]);
}

const good = approved(changeOf());
const apply = (fields: object) => [
  { ...gateOf('apply', { expiresAt: minutesLater(30) }), approvals: good.gates[0]?.approvals ?? [], ...fields },
  gateOf('keep'),
];

describe('the work behind a gate', () => {
  it('is allowed to who was approved for exactly it', () => {
    for (const change of [good, approved(onTrial()), approved(takingBack())]) expect(why(change)).toBeUndefined();
    for (const change of [changeOf(), onTrial(), takingBack()]) expect(why(change)).toBe('not-approved');
  });

  it.each<[string, Partial<Change<Plan>>, string]>([
    ['on another host, under the rule of this one', { gates: apply({ host: 'db-01' }) }, 'no-such-plan'],
    [
      'on another host altogether',
      {
        host: 'db-01',
        plan: planOf({ host: 'db-01' }),
        gates: apply({ host: 'db-01' }).map((gate) => ({ ...gate, host: 'db-01' })),
      },
      'not-approved',
    ],
    ['under the name of another gate', { gates: apply({ name: 'keep' }) }, 'no-such-plan'],
    ['without the gate that comes after', { gates: apply({}).slice(0, 1) }, 'no-such-plan'],
    ['with a gate more', { gates: [...apply({}), gateOf('keep')] }, 'no-such-plan'],
    [
      'with a later gate on another host',
      { gates: [...apply({}).slice(0, 1), gateOf('keep', { host: 'db-01' })] },
      'no-such-plan',
    ],
    ['with another risk than its fix has', { plan: planOf({ risk: 'medium' }) }, 'no-such-plan'],
    ['with the risk of a fix that has less', { plan: planOf({ fix: 'widen-local-port-range' }) }, 'no-such-plan'],
    ['of a fix that is not there', { plan: planOf({ fix: 'gone' }) }, 'no-such-plan'],
    [
      'of another fix of that risk',
      { plan: planOf({ fix: 'widen-local-port-range', risk: 'medium' }) },
      'no-such-plan',
    ],
    ['later than was shown', { gates: apply({ expiresAt: minutesLater(90) }) }, 'not-approved'],
    ['at the request of somebody else', { requester: CAROL }, 'not-approved'],
    ['as an emergency', { breakGlass: true }, 'not-approved'],
    ['with another artefact', { gates: apply({ artefact: 'f'.repeat(64) }) }, 'not-approved'],
    ['of a host that has no key', { gates: apply({ hostKey: null }) }, 'no-host-key'],
    ['of a host with another key', { gates: apply({ hostKey: HOST_KEY.replace('k', 'j') }) }, 'not-approved'],
    ['with another value', { plan: planOf({ steps: [stepOf('net.ipv4.tcp_tw_reuse', { to: '0' })] }) }, 'not-approved'],
    ['of less than was approved', { plan: planOf({ steps: planOf().steps.slice(0, 1) }) }, 'not-approved'],
    ['in another namespace', { plan: planOf({ netns: '1' }) }, 'not-approved'],
    ['that lasts longer', { revertMinutes: 11 }, 'not-approved'],
    ['that lasts longer than the rule allows', { revertMinutes: 31 }, 'too-long'],
    ['of another change', { id: 'cccccccc' as ChangeId }, 'not-approved'],
    ['to take back what was kept', { reverts: 'kkkkkkkk' as ChangeId }, 'no-such-plan'],
    ['with a value that no text can hold', { plan: planOf({ netns: '1\nfix\tother' }) }, 'no-host-key'],
  ])('is not done %s', (_, fields, expected) => {
    expect(why({ ...good, ...fields })).toBe(expected);
  });

  it('is not done when it is too late, or when the gate is not open', () => {
    expect(why(good, { ...around, now: minutesLater(30) })).toBe('expired');
    // That it is too late says that nothing else is wrong.
    expect(why(changeOf(), { ...around, now: minutesLater(30) })).toBe('not-approved');
    expect(why(good, { ...around, frozen: ['web'], now: minutesLater(30) })).toBe('frozen');
    expect(whyNotAllowed(KIND, good, 1, around)).toBe('no-host-key');
    expect(whyNotAllowed(KIND, good, 2, around)).toBe('no-such-plan');
  });

  it('is not done without a rule, whatever was so when it was approved', () => {
    expect(why(good, { ...around, policy: { ...policy, rules: [] } })).toBe('no-rule');
    expect(why(good, ruled({ groups: ['db'] }))).toBe('no-rule');
    expect(why(good, ruled({ kinds: ['kernel'] }))).toBe('no-rule');
    expect(why(good, ruled({ risks: ['medium'] }))).toBe('no-rule');
  });

  it('is approved by those who may today, and as many as are needed today', () => {
    expect(why(good, ruled({ approve: { users: ['U0CAROL'], userGroups: [] } }))).toBe('not-approved');
    expect(why(good, ruled({ approvals: 2 }))).toBe('not-approved');
    expect(why(approved(changeOf(), approvalOf(changeOf(), 0, CAROL)), ruled({ approvals: 2 }))).toBeUndefined();
    expect(why(approved(changeOf(), approvalOf(changeOf(), 0, BOB)), ruled({ approvals: 2 }))).toBe('not-approved');
    const cli = { surface: 'cli', id: 'U0BOB' } as const;
    expect(why(approved(changeOf(), approvalOf(changeOf(), 0, cli)), ruled({ approvals: 2 }))).toBe('not-approved');
  });

  it('is approved by the requester only in an emergency, who then must be one of those who may', () => {
    expect(why(withApprovals(changeOf(), 0, [approvalOf(changeOf(), 0, ALICE)]))).toBe('not-approved');
    const alone = changeOf({ breakGlass: true, requester: ERIN });
    const pressed = withApprovals(alone, 0, [approvalOf(alone, 0, ERIN)]);
    expect(why(pressed, ruled({ approvals: 2 }))).toBeUndefined();
    expect(why(pressed, ruled({}, { breakGlass: null }))).toBe('not-approved');
    expect(why(pressed, ruled({ outsideSlack: true }))).toBe('not-approved');
    expect(why({ ...pressed, breakGlass: false })).toBe('not-approved');
    const cli = { surface: 'cli', id: 'U0ALICE' } as const;
    expect(why(withApprovals(changeOf(), 0, [approvalOf(changeOf(), 0, cli)]))).toBe('not-approved');
  });

  it('of an emergency needs as many as any other, unless one may begin it alone', () => {
    const emergency = changeOf({ breakGlass: true });
    const two = ruled({ approvals: 2 });
    expect(why(approved(emergency), two)).toBe('not-approved');
    expect(why(withApprovals(emergency, 0, [approvalOf(emergency, 0, ALICE)]))).toBe('not-approved');
    expect(why(approved(emergency, approvalOf(emergency, 0, CAROL)), two)).toBeUndefined();
    expect(why(approved(emergency), { ...around, frozen: ['web'] })).toBe('frozen');
  });

  it('is approved in time: an approval that says it is older than the expiry of its gate is none', () => {
    expect(why(withApprovals(changeOf(), 0, [approvalOf(changeOf(), 0, BOB, { at: minutesLater(30) })]))).toBe(
      'not-approved',
    );
  });

  it('may wait for its host as long as its gate allows, and no longer', () => {
    const build = fourGates();
    const at = (minutes: number) => whyNotAllowed(FOUR_GATES_KIND, build, 0, { ...around, now: minutesLater(minutes) });
    expect([at(29), at(24 * 60 + 29), at(24 * 60 + 30)]).toEqual([undefined, undefined, 'expired']);
  });

  it('is approved by the groups that the approver was in', () => {
    const dave = approvalOf(changeOf(), 0, DAVE, { userGroups: ['S0SRE'] });
    expect(why(withApprovals(changeOf(), 0, [dave]))).toBeUndefined();
    expect(why(withApprovals(changeOf(), 0, [{ ...dave, userGroups: [] }]))).toBe('not-approved');
  });

  it('has at a later gate the approvals of that gate alone', () => {
    const trial = onTrial();
    const before = withApprovals(trial, 1, [approvalOf(trial, 0, BOB)]);
    expect(why(before)).toBe('not-approved');
    expect(why(approved(trial), ruled({ approvals: 2 }))).toBeUndefined();
    const gates = { keep: { approve: null, approvals: 2, outsideSlack: null, expiresMinutes: null } };
    expect(why(approved(trial), ruled({ gates }))).toBe('not-approved');
  });
});

/** Built on one host for another: approved. */
function fourGates(fields: Partial<FourGatesPlan> = {}): Change<FourGatesPlan> {
  const plan: FourGatesPlan = { host: 'web-01', builder: 'build-01', risk: 'high', what: 'hello-2.0', ...fields };
  const [build, ...later] = FOUR_GATES_KIND.gates.map(({ name, role }) =>
    gateOf(name, { host: role === 'builder' ? plan.builder : plan.host, expiresAt: null }),
  );
  const gates = [{ ...(build as Gate), expiresAt: minutesLater(30) }, ...later];
  const change = { ...changeOf(), kind: FOUR_GATES, plan, gates };
  const hash = hashOf(boundOf(FOUR_GATES_KIND, change, 0) ?? '');
  return withApprovals(change, 0, [approvalOf(changeOf(), 0, BOB, { hash })]);
}

describe('one host in two roles', () => {
  const own = fourGates({ builder: 'web-01' });
  const whyNot = (change: Change, circumstances = around) => whyNotAllowed(FOUR_GATES_KIND, change, 0, circumstances);

  it('is for the rule to allow', () => {
    expect([whyNot(fourGates()), whyNot(own)]).toEqual([undefined, 'own-builder']);
    expect(whyNot(own, ruled({ ownBuilder: true }))).toBeUndefined();
  });
});

describe('a signature', () => {
  const [bob, thief] = [makeApproverKey(), makeApproverKey()];
  const signed = { ...ruled({ outsideSlack: true }), keys: new Map([['U0BOB', bob.publicKey]]) };
  const by = (change: Change, gate: number, key = bob, text = boundOf(KIND, change, gate) ?? '') =>
    approvalOf(change, gate, BOB, { signature: signApproval(text, key.privateKey) });

  it('is needed where approvals are given outside Slack, at every gate', () => {
    for (const [change, gate] of [
      [changeOf(), 0],
      [onTrial(), 1],
      [takingBack(), 0],
    ] as const) {
      expect(why(withApprovals(change, gate, [by(change, gate)]), signed)).toBeUndefined();
      expect(why(approved(change), signed)).toBe('not-approved');
    }
  });

  it('is of that text, and by the key that the configuration has', () => {
    const other = boundOf(KIND, changeOf({ host: 'db-01', gates: apply({ host: 'db-01' }) }), 0);
    for (const approval of [
      by(changeOf(), 0, thief),
      by(changeOf(), 0, bob, other),
      by(changeOf(), 0, bob, hashOfGate(changeOf(), 0)),
    ])
      for (const circumstances of [signed, { ...around, keys: signed.keys }])
        expect(why(withApprovals(changeOf(), 0, [approval]), circumstances)).toBe('not-approved');
    expect(why(withApprovals(changeOf(), 0, [by(changeOf(), 0)]), { ...signed, keys: new Map() })).toBe('not-approved');
  });

  it('says who gave it, and not in which user groups they are', () => {
    const signature = signApproval(boundOf(KIND, changeOf(), 0) ?? '', thief.privateKey);
    const given = approvalOf(changeOf(), 0, DAVE, { signature, userGroups: ['S0SRE'] });
    const keys = new Map([['U0DAVE', thief.publicKey]]);
    expect(why(withApprovals(changeOf(), 0, [given]), { ...signed, keys })).toBe('not-approved');
  });

  it('alone begins no emergency where as many are needed, nor one of their own', () => {
    const emergency = changeOf({ breakGlass: true, requester: BOB });
    const other = changeOf({ breakGlass: true });
    const policy = ruled({ outsideSlack: true, approvals: 2 }, { breakGlass: { users: ['U0BOB'], userGroups: [] } });
    for (const change of [emergency, other])
      expect(why(withApprovals(change, 0, [by(change, 0)]), { ...signed, ...policy, keys: signed.keys })).toBe(
        'not-approved',
      );
  });

  it('of a signed plan is none once its risk, its host or its steps are others', () => {
    const one = withApprovals(changeOf(), 0, [by(changeOf(), 0)]);
    for (const plan of [
      planOf({ risk: 'high' }),
      planOf({ host: 'db-01' }),
      planOf({ steps: planOf().steps.slice(1) }),
    ])
      expect(why({ ...one, plan }, signed), JSON.stringify(plan)).toBeDefined();
  });
});

describe('a freeze', () => {
  const freezes = [{ groups: ['web'], from: NOW, to: minutesLater(60), why: 'holidays' }];
  const frozen: readonly Circumstances[] = [
    { ...around, frozen: ['web'] },
    { ...around, frozen: ['*'] },
    { ...around, policy: { ...policy, freezes } },
  ];

  it('stops what changes a host, and neither what keeps a trial nor a way back', () => {
    for (const circumstances of frozen) {
      expect(why(good, circumstances)).toBe('frozen');
      expect(why(approved(onTrial()), circumstances)).toBeUndefined();
      expect(why(approved(takingBack()), circumstances)).toBeUndefined();
    }
  });

  it('does not stop an emergency, nor other hosts', () => {
    const alone = changeOf({ breakGlass: true, requester: ERIN });
    for (const circumstances of frozen)
      expect(why(withApprovals(alone, 0, [approvalOf(alone, 0, ERIN)]), circumstances)).toBeUndefined();
    expect(why(good, { ...around, frozen: ['db'] })).toBeUndefined();
  });

  it('is told of with what it stops', () => {
    const ordered = ['web', 'db', '*'].map((group) => ({ group, by: 'U0BOB', since: NOW }));
    expect(freezesOf(['web'], ordered).map(({ group }) => group)).toEqual(['web', '*']);
  });
});
