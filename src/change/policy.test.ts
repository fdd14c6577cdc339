import { describe, expect, it } from 'vitest';
import { RULE } from '../../test/bot/policy-rule.ts';
import {
  freezeNow,
  mayApprove,
  mayAsk,
  mayBreakGlass,
  NO_POLICY,
  type Policy,
  type PolicyRule,
  rulesWithoutBreakGlass,
  standsAsAdmin,
} from './policy.ts';

const circle = (...users: string[]) => ({ users, userGroups: [] });
const POLICY: Policy = {
  rules: [
    {
      groups: ['prod'],
      risks: ['low', 'medium'],
      ask: null,
      approve: { users: ['U0BOB'], userGroups: ['S0SRE'] },
      approvals: 2,
      expiresMinutes: 15,
      reasonRequired: true,
      revertMinutes: 5,
      longestRevertMinutes: 10,
      outsideSlack: false,
    },
    { ...RULE, risks: ['low'], ask: circle('U0ALICE'), approve: circle('U0CAROL') },
  ],
  breakGlass: circle('U0CAROL'),
  admins: circle('U0BOB'),
  freezes: [
    { groups: ['prod'], from: new Date('2026-12-24T00:00:00Z'), to: new Date('2026-12-27T00:00:00Z'), why: 'holidays' },
  ],
};
const person = (id: string, ...userGroups: string[]) => ({ id, userGroups });

describe('a policy', () => {
  it('without a rule that fits lets nobody do anything', () => {
    const target = { groups: ['prod'], risk: 'low' } as const;
    for (const ask of [mayAsk, mayApprove, mayBreakGlass])
      expect(ask(NO_POLICY, target, person('U0BOB'))).toEqual({ kind: 'refused', why: 'no-rule' });
    expect(mayAsk(POLICY, { groups: ['prod'], risk: 'high' }, person('U0BOB'))).toEqual({
      kind: 'refused',
      why: 'no-rule',
    });
    expect(standsAsAdmin(NO_POLICY, person('U0BOB'))).toBe('out');
  });

  it('goes by the first rule that fits, and no other', () => {
    const prod = { groups: ['web', 'prod'], risk: 'low' } as const;
    expect(mayAsk(POLICY, prod, person('U0ANY'))).toMatchObject({ kind: 'allowed', rule: { approvals: 2 } });
    expect(mayApprove(POLICY, prod, person('U0CAROL'))).toEqual({ kind: 'refused', why: 'not-approver' });
    expect(mayApprove(POLICY, prod, person('U0EVE', 'S0SRE'))).toMatchObject({ kind: 'allowed' });
    expect(mayApprove(POLICY, prod, person('U0EVE', 'S0OTHER'))).toMatchObject({ kind: 'refused' });
    const lab = { groups: ['lab'], risk: 'low' } as const;
    expect(mayAsk(POLICY, lab, person('U0EVE'))).toEqual({ kind: 'refused', why: 'not-asker' });
    expect(mayAsk(POLICY, { groups: [], risk: 'low' }, person('U0ALICE'))).toMatchObject({ kind: 'allowed' });
  });

  it('lets some break the glass, where there is a rule', () => {
    expect(mayBreakGlass(POLICY, { groups: ['lab'], risk: 'low' }, person('U0CAROL'))).toMatchObject({
      kind: 'allowed',
    });
    expect(mayBreakGlass(POLICY, { groups: ['lab'], risk: 'low' }, person('U0BOB'))).toMatchObject({ kind: 'refused' });
  });

  it('tells who is in no group from who could not be looked up', () => {
    const prod = { groups: ['prod'], risk: 'low' } as const;
    const lookedUp = (id: string, ...notChecked: string[]) => ({ ...person(id), notChecked });
    expect(mayApprove(POLICY, prod, lookedUp('U0EVE', 'S0SRE'))).toEqual({ kind: 'refused', why: 'not-checked' });
    expect(mayApprove(POLICY, prod, lookedUp('U0EVE', 'S0OTHER'))).toEqual({ kind: 'refused', why: 'not-approver' });
    expect(mayApprove(POLICY, prod, lookedUp('U0BOB', 'S0SRE'))).toMatchObject({ kind: 'allowed' });
    const admins = { ...POLICY, admins: { users: ['U0BOB'], userGroups: ['S0SRE'] } };
    expect(['U0BOB', 'U0EVE'].map((id) => standsAsAdmin(admins, lookedUp(id, 'S0SRE')))).toEqual(['in', 'not-checked']);
  });

  it('lets nobody break the glass where approvals are signed outside Slack, and says so to those who otherwise might', () => {
    const outside = { ...(POLICY.rules[1] as PolicyRule), outsideSlack: true };
    const policy = { ...POLICY, rules: [POLICY.rules[0] as PolicyRule, outside] };
    const lab = { groups: ['lab'], risk: 'low' } as const;
    expect(mayBreakGlass(policy, lab, person('U0CAROL'))).toEqual({ kind: 'refused', why: 'break-glass-outside' });
    expect(mayBreakGlass(policy, lab, person('U0BOB'))).toEqual({ kind: 'refused', why: 'not-breaker' });
    expect(rulesWithoutBreakGlass(policy)).toEqual([outside]);
    expect(rulesWithoutBreakGlass({ ...policy, breakGlass: null })).toEqual([]);
  });

  it('freezes groups for a time, its end not included', () => {
    const at = (text: string) => freezeNow(POLICY, ['web', 'prod'], new Date(text))?.why;
    expect(at('2026-12-24T00:00:00Z')).toBe('holidays');
    expect(at('2026-12-27T00:00:00Z')).toBeUndefined();
    expect(freezeNow(POLICY, ['lab'], new Date('2026-12-25T00:00:00Z'))).toBeUndefined();
  });
});
