import { beforeAll, describe, expect, it } from 'vitest';
import { loadChangeWords } from '#catalogue.ts';
import type { Policy } from '#change/policy.ts';
import { parseHostName } from '#domain/host.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { RULE } from '../../test/bot/policy-rule.ts';
import { hostRows } from './command-policy.ts';

const SYSCTL = KNOWN_KINDS.filter(({ name }) => name === 'sysctl');
const NOW = new Date('2026-07-01T00:00:00Z');
const HOST = { name: parseHostName('web-01') ?? fail(), groups: ['web'] };
const keepers = { users: ['U0CAROL'], userGroups: [] };
const POLICY: Policy = {
  rules: [
    {
      ...RULE,
      risks: ['low', 'medium'],
      approve: { users: ['U0BOB'], userGroups: ['S0SRE'] },
      approvals: 2,
      gates: { keep: { approve: keepers, approvals: null, outsideSlack: true, expiresMinutes: null } },
    },
  ],
  breakGlass: null,
  admins: null,
  freezes: [],
};
const EXPIRES = 'expires after 30 min';
const TIMES = `trial 10 min (max 30); ${EXPIRES}`;

function fail(): never {
  throw new Error('not a host name');
}

describe('the rows of a host', () => {
  let cli: ChangeWords['cli'];
  beforeAll(async () => {
    ({ cli } = await loadChangeWords('en', null));
  });
  const rows = (policy: Policy) => hostRows(HOST, policy, SYSCTL, NOW, cli);

  it('show what each gate asks for, and which risks no rule covers', () => {
    expect(rows(POLICY)).toEqual([
      ['web-01', 'low, medium', 'sysctl apply', 'any member', '2 of U0BOB, S0SRE', TIMES],
      ['', '', 'sysctl keep', '', '1 of U0CAROL', 'outside Slack'],
      ['', '', 'sysctl revert', '', '2 of U0BOB, S0SRE', EXPIRES],
      ['web-01', 'high', 'sysctl', 'no one', 'no one', ''],
    ]);
  });

  it('show why the host is frozen', () => {
    const freeze = { groups: ['web'], from: NOW, to: new Date(NOW.getTime() + 1), why: 'holidays' };
    const shown = rows({ ...POLICY, rules: [RULE], freezes: [freeze] });
    expect(shown.map((cells) => cells.at(-1))).toEqual([`${TIMES}; frozen: holidays`, '', EXPIRES]);
    expect(rows({ ...POLICY, rules: [], freezes: [freeze] })).toEqual([
      ['web-01', 'low, medium, high', 'sysctl', 'no one', 'no one', 'frozen: holidays'],
    ]);
  });
});
