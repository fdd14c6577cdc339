/** A rule that tests start from: everybody may ask for anything, nobody may approve it, and all else is usual. */
import type { PolicyRule } from '#change/policy.ts';

export const RULE: PolicyRule = {
  groups: ['*'],
  kinds: null,
  risks: ['low', 'medium', 'high'],
  ask: null,
  approve: { users: [], userGroups: [] },
  approvals: 1,
  expiresMinutes: 30,
  reasonRequired: false,
  revertMinutes: 10,
  longestRevertMinutes: 30,
  outsideSlack: false,
  gates: {},
};
