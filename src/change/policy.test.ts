import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_POLICY, RULE } from '../../test/bot/policy-rule.ts';
import {
  freezeNow,
  gateRule,
  mayApprove,
  mayAsk,
  mayBreakGlass,
  mayRevert,
  type Policy,
  type PolicyRule,
  type PolicyTarget,
  rulesWithoutBreakGlass,
  standsAsAdmin,
} from './policy.ts';

const [APPLY, KEEP] = [
  { name: 'apply', first: true, trial: false },
  { name: 'keep', first: false, trial: true },
];
const circle = (...users: string[]) => ({ users, userGroups: [] });
const POLICY: Policy = {
  rules: [
    {
      ...RULE,
      groups: ['prod'],
      risks: ['low', 'medium'],
      ask: null,
      approve: { users: ['U0BOB'], userGroups: ['S0SRE'] },
      approvals: 2,
    },
    { ...RULE, risks: ['low'], ask: circle('U0ALICE'), approve: circle('U0CAROL') },
  ],
  breakGlass: circle('U0CAROL'),
  admins: circle('U0BOB'),
  freezes: [
    { groups: ['prod'], from: new Date('2026-12-24T00:00:00Z'), to: new Date('2026-12-27T00:00:00Z'), why: 'holidays' },
  ],
};
const KINDS = [{ name: 'sysctl', gates: [APPLY, KEEP] }];
const low = (...groups: string[]): PolicyTarget => ({ groups, risk: 'low', kind: 'sysctl' });
const person = (id: string, ...userGroups: string[]) => ({ id, userGroups });

describe('a policy', () => {
  it('without a rule that fits lets nobody do anything', () => {
    const target = low('prod');
    for (const ask of [mayApprove, mayBreakGlass, mayRevert])
      expect(ask(NO_POLICY, target, APPLY, person('U0BOB'))).toEqual({ kind: 'refused', why: 'no-rule' });
    expect(mayAsk(POLICY, { ...low('prod'), risk: 'high' }, person('U0BOB'))).toEqual({
      kind: 'refused',
      why: 'no-rule',
    });
    expect(standsAsAdmin(NO_POLICY, person('U0BOB'))).toBe('out');
  });

  it('goes by the first rule that fits, and no other', () => {
    const prod = low('web', 'prod');
    expect(mayAsk(POLICY, prod, person('U0ANY'))).toMatchObject({ kind: 'allowed', rule: { approvals: 2 } });
    expect(mayApprove(POLICY, prod, APPLY, person('U0CAROL'))).toEqual({ kind: 'refused', why: 'not-approver' });
    expect(mayApprove(POLICY, prod, APPLY, person('U0EVE', 'S0SRE'))).toMatchObject({ kind: 'allowed' });
    expect(mayApprove(POLICY, prod, APPLY, person('U0EVE', 'S0OTHER'))).toMatchObject({ kind: 'refused' });
    const lab = low('lab');
    expect(mayAsk(POLICY, lab, person('U0EVE'))).toEqual({ kind: 'refused', why: 'not-asker' });
    expect(mayAsk(POLICY, low(), person('U0ALICE'))).toMatchObject({ kind: 'allowed' });
  });

  it('lets some break the glass, where there is a rule', () => {
    expect(mayBreakGlass(POLICY, low('lab'), APPLY, person('U0CAROL'))).toMatchObject({
      kind: 'allowed',
    });
    expect(mayBreakGlass(POLICY, low('lab'), APPLY, person('U0BOB'))).toMatchObject({ kind: 'refused' });
  });

  it('tells who is in no group from who could not be looked up', () => {
    const prod = low('prod');
    const lookedUp = (id: string, ...notChecked: string[]) => ({ ...person(id), notChecked });
    expect(mayApprove(POLICY, prod, APPLY, lookedUp('U0EVE', 'S0SRE'))).toEqual({
      kind: 'refused',
      why: 'not-checked',
    });
    expect(mayApprove(POLICY, prod, APPLY, lookedUp('U0EVE', 'S0OTHER'))).toEqual({
      kind: 'refused',
      why: 'not-approver',
    });
    expect(mayApprove(POLICY, prod, APPLY, lookedUp('U0BOB', 'S0SRE'))).toMatchObject({ kind: 'allowed' });
    const admins = { ...POLICY, admins: { users: ['U0BOB'], userGroups: ['S0SRE'] } };
    expect(['U0BOB', 'U0EVE'].map((id) => standsAsAdmin(admins, lookedUp(id, 'S0SRE')))).toEqual(['in', 'not-checked']);
  });

  it('lets nobody break the glass where approvals are signed outside Slack, and says so to those who otherwise might', () => {
    const outside = { ...(POLICY.rules[1] as PolicyRule), outsideSlack: true };
    const policy = { ...POLICY, rules: [POLICY.rules[0] as PolicyRule, outside] };
    const lab = low('lab');
    expect(mayBreakGlass(policy, lab, APPLY, person('U0CAROL'))).toEqual({
      kind: 'refused',
      why: 'break-glass-outside',
    });
    expect(mayBreakGlass(policy, lab, APPLY, person('U0BOB'))).toEqual({ kind: 'refused', why: 'not-breaker' });
    expect(rulesWithoutBreakGlass(policy, KINDS)).toEqual([outside]);
    expect(rulesWithoutBreakGlass({ ...policy, breakGlass: null }, KINDS)).toEqual([]);
  });

  it('has rules for some kinds of changes', () => {
    const kernel = { ...RULE, kinds: ['kernel'], approvals: 2, ask: circle('U0ALICE') };
    const policy = { ...POLICY, rules: [kernel, { ...RULE, kinds: ['sysctl'] }] };
    expect(mayAsk(policy, low(), person('U0EVE'))).toMatchObject({ kind: 'allowed', rule: { approvals: 1 } });
    const target = { ...low(), kind: 'kernel' };
    expect(mayAsk(policy, target, person('U0EVE'))).toEqual({ kind: 'refused', why: 'not-asker' });
    expect(mayAsk(policy, target, person('U0ALICE'))).toMatchObject({ kind: 'allowed', rule: { approvals: 2 } });
    expect(mayAsk(policy, { ...low(), kind: 'reboot' }, person('U0ALICE'))).toEqual({
      kind: 'refused',
      why: 'no-rule',
    });
  });

  it('lets those who may ask or approve go back, at any gate', () => {
    const keep = { approve: circle('U0DAVE'), approvals: null, outsideSlack: null, expiresMinutes: null };
    const rule = {
      ...RULE,
      ask: circle('U0ALICE'),
      approve: { users: ['U0BOB'], userGroups: ['S0SRE'] },
      gates: { keep },
    };
    const may = (id: string, ...notChecked: string[]) =>
      mayRevert({ ...POLICY, rules: [rule] }, low(), KEEP, { ...person(id), notChecked });
    for (const id of ['U0ALICE', 'U0BOB', 'U0DAVE']) expect(may(id)).toMatchObject({ kind: 'allowed' });
    expect(may('U0EVE')).toEqual({ kind: 'refused', why: 'not-asker' });
    expect(may('U0EVE', 'S0SRE')).toEqual({ kind: 'refused', why: 'not-checked' });
    expect(mayRevert(POLICY, low('prod'), KEEP, person('U0ANY'))).toMatchObject({ kind: 'allowed' });
  });

  it('freezes groups for a time, its end not included', () => {
    const at = (text: string) => freezeNow(POLICY, ['web', 'prod'], new Date(text))?.why;
    expect(at('2026-12-24T00:00:00Z')).toBe('holidays');
    expect(at('2026-12-27T00:00:00Z')).toBeUndefined();
    expect(freezeNow(POLICY, ['lab'], new Date('2026-12-25T00:00:00Z'))).toBeUndefined();
  });
});

const NOTHING = { approve: null, approvals: null, outsideSlack: null, expiresMinutes: null };
const gates = fc.dictionary(
  fc.constantFrom('apply', 'keep', 'boot'),
  fc.record({
    approve: fc.option(fc.constantFrom(circle('U0DAVE'), circle('U0ERIN'))),
    approvals: fc.option(fc.integer({ min: -1, max: 9 })),
    outsideSlack: fc.option(fc.boolean()),
    expiresMinutes: fc.option(fc.integer({ min: 1, max: 9 })),
  }),
);
const rules: fc.Arbitrary<PolicyRule> = fc
  .record({ approvals: fc.integer({ min: -1, max: 9 }), outsideSlack: fc.boolean(), gates })
  .map((said) => ({ ...RULE, ...said, approve: circle('U0BOB') }));
const anyGate = fc.record({ name: fc.constantFrom('apply', 'keep', 'boot', 'constructor'), first: fc.boolean() });

describe('a gate', () => {
  it('takes the rule, and after the first one approval, where it says nothing', () => {
    const rule = { ...RULE, approve: circle('U0BOB'), approvals: 3, outsideSlack: true };
    expect(gateRule(rule, APPLY)).toEqual({ approve: circle('U0BOB'), approvals: 3, outsideSlack: true });
    expect(gateRule(rule, KEEP)).toEqual({ approve: circle('U0BOB'), approvals: 1, outsideSlack: true });
    const own = {
      ...rule,
      gates: { keep: { approve: circle('U0DAVE'), approvals: 2, outsideSlack: false, expiresMinutes: null } },
    };
    expect(gateRule(own, KEEP)).toEqual({ approve: circle('U0DAVE'), approvals: 2, outsideSlack: false });
    expect(gateRule(own, APPLY)).toEqual(gateRule(rule, APPLY));
  });

  it('is approved by its own circle, and by nobody else', () => {
    const gated = { ...RULE, approve: circle('U0BOB'), gates: { keep: { ...NOTHING, approve: circle('U0DAVE') } } };
    const may = (gate: typeof APPLY, id: string) =>
      mayApprove({ ...POLICY, rules: [gated] }, low(), gate, person(id)).kind;
    expect(['U0BOB', 'U0DAVE'].map((id) => may(APPLY, id))).toEqual(['allowed', 'refused']);
    expect(['U0BOB', 'U0DAVE'].map((id) => may(KEEP, id))).toEqual(['refused', 'allowed']);
  });

  it('lets nobody pass alone where it alone wants signatures from outside Slack', () => {
    const keep = { ...RULE, gates: { keep: { ...NOTHING, outsideSlack: true } } };
    const apply = { ...RULE, kinds: ['sysctl'], gates: { apply: { ...NOTHING, outsideSlack: true } } };
    const may = (rule: PolicyRule, gate: typeof APPLY) =>
      mayBreakGlass({ ...POLICY, rules: [rule] }, low(), gate, person('U0CAROL')).kind;
    expect([may(keep, APPLY), may(keep, KEEP)]).toEqual(['allowed', 'refused']);
    expect([may(apply, APPLY), may(apply, KEEP)]).toEqual(['refused', 'allowed']);
    expect(rulesWithoutBreakGlass({ ...POLICY, rules: [keep, apply] }, KINDS)).toEqual([apply]);
    expect(rulesWithoutBreakGlass({ ...POLICY, rules: [apply] }, [{ name: 'kernel', gates: [APPLY] }])).toEqual([]);
  });

  it('never needs fewer than one approval, by people that are named', () => {
    fc.assert(
      fc.property(rules, anyGate, (rule, gate) => {
        const { approvals, approve } = gateRule(rule, gate);
        expect(approvals).toBeGreaterThanOrEqual(1);
        expect(approve.users).toHaveLength(1);
      }),
    );
  });

  it('wants signatures from outside Slack as its rule does, unless it says otherwise', () => {
    fc.assert(
      fc.property(rules, anyGate, (rule, gate) => {
        const said = Object.entries(rule.gates).find(([name]) => name === gate.name)?.[1].outsideSlack;
        expect(gateRule(rule, gate).outsideSlack).toBe(said ?? rule.outsideSlack);
      }),
    );
  });
});
