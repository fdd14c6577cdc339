/** Who may do what in tests of the state machine: a table that a judge can read by itself, and the policies made of it. */
import type { Policy } from '#change/policy.ts';

export const [ALICE, BOB, CAROL, DAVE, ERIN, MALLORY] = [
  'U0ALICE',
  'U0BOB',
  'U0CAROL',
  'U0DAVE',
  'U0ERIN',
  'U0MALLORY',
];
export const PEOPLE = [ALICE, BOB, CAROL, DAVE, ERIN, MALLORY] as const;

/** Carol is an approver by her Slack user group. */
const OPS = 'S0OPS';
export const GROUPS_OF: Readonly<Record<string, readonly string[]>> = { [CAROL]: [OPS] };

/** The groups of each host. */
export const HOSTS = { 'web-01': ['web'], 'db-01': ['db'] } as const;

interface Rule {
  readonly approvers: readonly string[];
  readonly approvals: number;
  readonly longest: number;
}

interface Rules {
  readonly web: Rule | null;
  readonly db: Rule | null;
  readonly breakers: readonly string[];
}

export const EXPIRES_MINUTES = 30;

export const RULES = {
  usual: {
    web: { approvers: [ALICE, BOB, CAROL], approvals: 1, longest: 30 },
    db: { approvers: [BOB, CAROL, DAVE], approvals: 2, longest: 30 },
    breakers: [ERIN],
  },
  strict: {
    web: { approvers: [CAROL, DAVE], approvals: 2, longest: 5 },
    db: { approvers: [CAROL, DAVE], approvals: 2, longest: 30 },
    breakers: [],
  },
  none: { web: null, db: null, breakers: [] },
} as const satisfies Readonly<Record<string, Rules>>;

export type PolicyName = keyof typeof RULES;

export function ruleOf(name: PolicyName, host: string): Rule | null {
  return RULES[name][HOSTS[host as keyof typeof HOSTS][0]];
}

export function policyNamed(name: PolicyName): Policy {
  const { web, db, breakers } = RULES[name];
  const circle = (people: readonly string[]) => ({
    users: people.filter((id) => id !== CAROL),
    userGroups: people.includes(CAROL) ? [OPS] : [],
  });
  const rules = Object.entries({ web, db }).flatMap(([group, rule]) =>
    rule === null
      ? []
      : [
          {
            groups: [group],
            kinds: null,
            risks: ['low', 'medium', 'high'] as const,
            ask: null,
            approve: circle(rule.approvers),
            approvals: rule.approvals,
            expiresMinutes: EXPIRES_MINUTES,
            reasonRequired: false,
            revertMinutes: 5,
            longestRevertMinutes: rule.longest,
            outsideSlack: false,
            ownBuilder: false,
            gates: {},
          },
        ],
  );
  return { rules, breakGlass: circle(breakers), admins: circle([BOB]), freezes: [] };
}
