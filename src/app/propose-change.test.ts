import { expect, it } from 'vitest';
import type { PolicyRule } from '#change/policy.ts';
import type { CheckId } from '#domain/check.ts';
import type { Unready } from '#domain/helper-state.ts';
import { RULE } from '../../test/bot/policy-rule.ts';
import { type ChangeAsked, type ProposeTools, proposeChange } from './propose-change.ts';

const NOW = new Date('2026-11-30T08:00:00Z');
const BOB = { users: ['U0BOB'], userGroups: [] };
const rule: PolicyRule = { ...RULE, risks: ['low'], approve: BOB };

/** Nothing but what is read before a proposal is written. */
function tools(unready: Unready | null | undefined): ProposeTools {
  const plan = { fix: 'raise-somaxconn', host: 'web-01', risk: 'low', steps: [] };
  const stored = { report: { startedAt: NOW }, proposals: [{ kind: 'plan', plan, cures: [], unready }] };
  return {
    reports: { find: async () => stored },
    changes: { ofHost: async () => [], lockOf: async () => undefined, propose: async () => 'done' },
    cards: {},
    freezes: { list: async () => [] },
    queue: { add: async () => {} },
    announce: async () => {},
    policy: { rules: [rule], breakGlass: BOB, admins: null, freezes: [] },
    now: () => NOW,
  } as unknown as ProposeTools;
}

const asked = (breakGlass: boolean): ChangeAsked => ({
  key: 'k',
  run: 'aaaaaaaa' as CheckId,
  fix: 'raise-somaxconn',
  requester: { kind: 'slack', id: 'U0BOB' } as never,
  person: { id: 'U0BOB', userGroups: [] },
  groups: [],
  revertMinutes: null,
  reason: 'checkout fails',
  breakGlass,
  card: null,
});

it.each([false, true])(
  'a host that would not take it is refused, with what it lacks (break-glass: %s)',
  async (alone) => {
    const unready = { why: 'too-old', has: '1', needs: '2' } as const;
    const refused = { kind: 'refused', why: 'too-old', details: unready };
    expect(await proposeChange(asked(alone), tools(unready))).toEqual(refused);
  },
);

it.each([null, undefined])('a host that is ready, or could not be looked at, is not (%s)', async (unready) => {
  expect(await proposeChange(asked(false), tools(unready))).toMatchObject({ kind: 'proposed' });
});
