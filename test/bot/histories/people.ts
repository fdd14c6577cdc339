/** Who takes part in a random history, and the policies that it may have. */
import type { Decider } from '#app/decide-ports.ts';
import type { Policy, PolicyRule } from '#change/policy.ts';
import { makeApproverKey } from '#change/signature.ts';
import { deciderOf } from '../example-change.ts';
import { RULE } from '../policy-rule.ts';
import type { Random } from './random.ts';

export const HOSTS = ['web-01', 'db-01'] as const;
export const BUILDER = 'build-01';
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'web-01': ['web'],
  'db-01': ['db'],
  [BUILDER]: ['build'],
};

export const ADMIN = deciderOf('U0ADMIN');
const NAMES = ['U0ALICE', 'U0BOB', 'U0CAROL', 'U0DAVE', 'U0ERIN'];
export const PEOPLE: readonly Decider[] = NAMES.map((id) => deciderOf(id));

export const APPROVERS = PEOPLE.slice(0, 3);

const MADE = new Map(['U0ALICE', 'U0BOB', 'U0CAROL', 'U0DAVE'].map((id) => [id, makeApproverKey()]));
export const PRIVATE_KEYS: ReadonlyMap<string, string> = new Map(
  [...MADE].map(([id, { privateKey }]) => [id, privateKey]),
);
/** Dave's key is none that the configuration has. */
export const KEYS: ReadonlyMap<string, string> = new Map(
  [...MADE].filter(([id]) => id !== 'U0DAVE').map(([id, { publicKey }]) => [id, publicKey]),
);

const users = (...ids: string[]) => ({ users: ids, userGroups: [] });
const rule: PolicyRule = { ...RULE, approve: users('U0ALICE', 'U0BOB', 'U0CAROL') };
const gate = (fields: object) => ({
  approve: null,
  approvals: null,
  outsideSlack: null,
  expiresMinutes: null,
  ...fields,
});

const RULES: readonly (readonly PolicyRule[])[] = [
  [rule],
  [rule],
  [{ ...rule, approvals: 2 }],
  [
    {
      ...rule,
      approvals: 2,
      gates: { keep: gate({ approvals: 2 }), boot: gate({ approve: users('U0CAROL', 'U0DAVE') }) },
    },
  ],
  [{ ...rule, outsideSlack: true }],
  [{ ...rule, approve: users('U0BOB', 'U0DAVE'), longestRevertMinutes: 12 }],
  [],
];

export function policyOf(random: Random): Policy {
  return { rules: random.pick(RULES), breakGlass: users('U0ERIN'), admins: null, freezes: [] };
}
