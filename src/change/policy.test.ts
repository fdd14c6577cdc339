import { describe, expect, it } from 'vitest';
import { freezeNow, isAdmin, mayApprove, mayAsk, mayBreakGlass, NO_POLICY, type Policy } from './policy.ts';

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
    {
      groups: ['*'],
      risks: ['low'],
      ask: circle('U0ALICE'),
      approve: circle('U0CAROL'),
      approvals: 1,
      expiresMinutes: 30,
      reasonRequired: false,
      revertMinutes: 10,
      longestRevertMinutes: 30,
      outsideSlack: false,
    },
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
    expect(isAdmin(NO_POLICY, person('U0BOB'))).toBe(false);
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

  it('freezes groups for a time, its end not included', () => {
    const at = (text: string) => freezeNow(POLICY, ['web', 'prod'], new Date(text))?.why;
    expect(at('2026-12-24T00:00:00Z')).toBe('holidays');
    expect(at('2026-12-27T00:00:00Z')).toBeUndefined();
    expect(freezeNow(POLICY, ['lab'], new Date('2026-12-25T00:00:00Z'))).toBeUndefined();
  });
});
