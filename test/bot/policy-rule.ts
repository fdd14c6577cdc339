/** The policy and the rule that tests start from. */
import type { Policy, PolicyRule } from '#change/policy.ts';

/** Nobody may do anything. */
export const NO_POLICY: Policy = { rules: [], breakGlass: null, admins: null, freezes: [] };

/** Everybody may ask for anything, nobody may approve it, and all else is usual. */
export const RULE: PolicyRule = {
  groups: ['*'],
  kinds: null,
  risks: ['low', 'medium', 'high'],
  ask: null,
  approve: { users: [], userGroups: [] },
  approvals: 1,
  expiresMinutes: 30,
  ownBuilder: false,
  reasonRequired: false,
  revertMinutes: 10,
  longestRevertMinutes: 30,
  outsideSlack: false,
  gates: {},
};
