import { describe, expect, it } from 'vitest';
import { RULE } from '../../test/bot/policy-rule.ts';
import { adminGroupsNeeded, approversOf, type Deed, groupsNeeded, keepersOf } from './circles.ts';
import { type Circle, NO_POLICY, type Policy } from './policy.ts';

const WEB_RULE = {
  ...RULE,
  groups: ['web'],
  ask: { users: ['U0ALICE'], userGroups: ['S0ASK'] },
  approve: { users: ['U0ALICE', 'U0BOB'], userGroups: ['S0SRE'] },
};
const POLICY: Policy = {
  rules: [WEB_RULE, { ...WEB_RULE, groups: ['db'], approve: { users: [], userGroups: ['S0DB'] } }],
  breakGlass: { users: ['U0ERIN'], userGroups: ['S0LEADS'] },
  admins: { users: ['U0BOB'], userGroups: ['S0ADMIN'] },
  freezes: [],
};
const WEB = { groups: ['web'], risk: 'low' } as const;
const alice = { surface: 'slack', id: 'U0ALICE' } as const;

describe('the groups that Slack is asked about', () => {
  it.each<[Deed, string, readonly string[]]>([
    ['propose', 'U0EVE', ['S0ASK', 'S0LEADS']],
    ['propose', 'U0ALICE', ['S0LEADS']],
    ['approve', 'U0EVE', ['S0SRE']],
    ['approve', 'U0BOB', []],
    ['keep', 'U0EVE', ['S0SRE', 'S0LEADS']],
    ['revert', 'U0EVE', ['S0ASK', 'S0SRE']],
    ['revert', 'U0BOB', []],
    ['revert', 'U0ALICE', []],
  ])('to %s, for %s', (deed, user, groups) => {
    expect(groupsNeeded(deed, POLICY, WEB, user)).toEqual(groups);
  });

  it('are none where everybody may, or there is no rule', () => {
    const members = { ...POLICY, rules: [{ ...WEB_RULE, ask: null }] };
    expect(groupsNeeded('revert', members, WEB, 'U0EVE')).toEqual([]);
    for (const deed of ['propose', 'approve', 'keep', 'revert'] as const)
      expect(groupsNeeded(deed, POLICY, { groups: ['lab'], risk: 'low' }, 'U0EVE')).toEqual([]);
  });

  it('are those of admins alone, for what admins do', () => {
    expect(adminGroupsNeeded(POLICY, 'U0EVE')).toEqual(['S0ADMIN']);
    expect([adminGroupsNeeded(POLICY, 'U0BOB'), adminGroupsNeeded(NO_POLICY, 'U0EVE')]).toEqual([[], []]);
  });
});

describe('those a card names', () => {
  const names = ({ users, userGroups }: Circle) => [...users, ...userGroups];

  it('are those who may approve, without the requester', () => {
    const change = { requester: alice, breakGlass: false };
    expect(names(approversOf(POLICY, WEB, change))).toEqual(['U0BOB', 'S0SRE']);
    expect(names(keepersOf(POLICY, WEB, change))).toEqual(['U0BOB', 'S0SRE']);
  });

  it('of what one person applied alone are those who may apply alone as well', () => {
    const change = { requester: { surface: 'slack', id: 'U0ERIN' }, breakGlass: true } as const;
    expect(names(approversOf(POLICY, WEB, change))).toEqual(['U0ALICE', 'U0BOB', 'S0SRE']);
    expect(names(keepersOf(POLICY, WEB, change))).toEqual(['U0ALICE', 'U0BOB', 'U0ERIN', 'S0SRE', 'S0LEADS']);
  });

  it('are nobody without a rule', () => {
    const lab = { groups: ['lab'], risk: 'low' } as const;
    expect(names(keepersOf(POLICY, lab, { requester: alice, breakGlass: false }))).toEqual([]);
  });
});
