import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_POLICY, RULE } from '../../test/bot/policy-rule.ts';
import { adminGroupsNeeded, approversOf, type Deed, groupsNeeded } from './circles.ts';
import {
  type Circle,
  mayApprove,
  mayAsk,
  mayBreakGlass,
  mayRevert,
  type Policy,
  type PolicyGate,
  type PolicyTarget,
} from './policy.ts';

const [APPLY, KEEP] = [
  { name: 'apply', first: true },
  { name: 'keep', first: false },
];
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
const WEB: PolicyTarget = { groups: ['web'], risk: 'low', kind: 'sysctl' };
const LAB: PolicyTarget = { ...WEB, groups: ['lab'] };
const KEPT_BY_LEADS: Policy = {
  ...POLICY,
  rules: [
    {
      ...WEB_RULE,
      gates: {
        keep: {
          approve: { users: [], userGroups: ['S0KEEP'] },
          approvals: null,
          outsideSlack: null,
          expiresMinutes: null,
        },
      },
    },
  ],
};
const alice = { surface: 'slack', id: 'U0ALICE' } as const;

describe('the groups that Slack is asked about', () => {
  it.each<[Deed, PolicyGate, string, readonly string[]]>([
    ['propose', APPLY, 'U0EVE', ['S0ASK', 'S0LEADS']],
    ['propose', APPLY, 'U0ALICE', ['S0LEADS']],
    ['approve', APPLY, 'U0EVE', ['S0SRE']],
    ['approve', APPLY, 'U0BOB', []],
    ['approve', KEEP, 'U0EVE', ['S0SRE', 'S0LEADS']],
    ['revert', KEEP, 'U0EVE', ['S0ASK', 'S0SRE']],
    ['revert', KEEP, 'U0BOB', []],
    ['revert', KEEP, 'U0ALICE', []],
  ])('to %s, at %o, for %s', (deed, gate, user, groups) => {
    expect(groupsNeeded(deed, POLICY, WEB, gate, user)).toEqual(groups);
  });

  it('are those of the gate, where it has some', () => {
    expect(groupsNeeded('approve', KEPT_BY_LEADS, WEB, APPLY, 'U0EVE')).toEqual(['S0SRE']);
    expect(groupsNeeded('approve', KEPT_BY_LEADS, WEB, KEEP, 'U0EVE')).toEqual(['S0KEEP', 'S0LEADS']);
    expect(groupsNeeded('revert', KEPT_BY_LEADS, WEB, KEEP, 'U0EVE')).toEqual(['S0ASK', 'S0SRE', 'S0KEEP']);
  });

  it('are none where everybody may, or there is no rule', () => {
    const members = { ...POLICY, rules: [{ ...WEB_RULE, ask: null }] };
    expect(groupsNeeded('revert', members, WEB, KEEP, 'U0EVE')).toEqual([]);
    for (const deed of ['propose', 'approve', 'revert'] as const)
      expect(groupsNeeded(deed, POLICY, LAB, KEEP, 'U0EVE')).toEqual([]);
  });

  it('are all that an answer could turn on', () => {
    const groups = fc.subarray(['S0ASK', 'S0SRE', 'S0KEEP', 'S0LEADS', 'S0OTHER']);
    const deeds = fc.constantFrom<Deed>('propose', 'approve', 'revert');
    const policies = fc.record({
      breakGlass: fc.option(groups.map(inGroups)),
      ask: fc.option(groups.map(inGroups)),
      approve: groups.map(inGroups),
      keep: fc.option(groups.map(inGroups)),
    });
    fc.assert(
      fc.property(policies, deeds, fc.constantFrom(APPLY, KEEP), groups, (said, deed, gate, userGroups) => {
        const keep = { approve: said.keep, approvals: null, outsideSlack: null, expiresMinutes: null };
        const policy = { ...POLICY, breakGlass: said.breakGlass, rules: [{ ...WEB_RULE, ...said, gates: { keep } }] };
        const needed = groupsNeeded(deed, policy, WEB, gate, 'U0EVE');
        const found = userGroups.filter((group) => needed.includes(group));
        for (const may of asked(deed, gate))
          expect(may(policy, WEB, gate, { id: 'U0EVE', userGroups: found })).toEqual(
            may(policy, WEB, gate, { id: 'U0EVE', userGroups }),
          );
      }),
    );
  });

  it('are those of admins alone, for what admins do', () => {
    expect(adminGroupsNeeded(POLICY, 'U0EVE')).toEqual(['S0ADMIN']);
    expect([adminGroupsNeeded(POLICY, 'U0BOB'), adminGroupsNeeded(NO_POLICY, 'U0EVE')]).toEqual([[], []]);
  });
});

function inGroups(userGroups: readonly string[]): Circle {
  return { users: [], userGroups };
}

/** What the policy is asked for a deed. */
function asked(deed: Deed, gate: PolicyGate): readonly (typeof mayApprove)[] {
  if (deed === 'propose') return [(policy, target, _, person) => mayAsk(policy, target, person), mayBreakGlass];
  if (deed === 'revert') return [mayRevert];
  return gate.first ? [mayApprove] : [mayApprove, mayBreakGlass];
}

describe('those a card names', () => {
  const names = ({ users, userGroups }: Circle) => [...users, ...userGroups];

  it('are those who may approve, without the requester', () => {
    const change = { requester: alice, breakGlass: false };
    expect(names(approversOf(POLICY, WEB, APPLY, change))).toEqual(['U0BOB', 'S0SRE']);
    expect(names(approversOf(POLICY, WEB, KEEP, change))).toEqual(['U0BOB', 'S0SRE']);
  });

  it('of what one person applied alone are those who may apply alone as well', () => {
    const change = { requester: { surface: 'slack', id: 'U0ERIN' }, breakGlass: true } as const;
    expect(names(approversOf(POLICY, WEB, APPLY, change))).toEqual(['U0ALICE', 'U0BOB', 'S0SRE']);
    expect(names(approversOf(POLICY, WEB, KEEP, change))).toEqual(['U0ALICE', 'U0BOB', 'U0ERIN', 'S0SRE', 'S0LEADS']);
  });

  it('are the circle of the gate, and nobody alone where it wants signatures', () => {
    const change = { requester: { surface: 'slack', id: 'U0ERIN' }, breakGlass: true } as const;
    expect(names(approversOf(KEPT_BY_LEADS, WEB, KEEP, change))).toEqual(['U0ERIN', 'S0KEEP', 'S0LEADS']);
    const signed = { ...POLICY, rules: [{ ...WEB_RULE, outsideSlack: true }] };
    expect(names(approversOf(signed, WEB, KEEP, change))).toEqual(['U0ALICE', 'U0BOB', 'S0SRE']);
  });

  it('are nobody without a rule', () => {
    expect(names(approversOf(POLICY, LAB, KEEP, { requester: alice, breakGlass: false }))).toEqual([]);
  });
});
