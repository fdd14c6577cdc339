import { expect, it } from 'vitest';
import type { AuditEntry } from '#change/audit.ts';
import type { ChangeState } from '#domain/change.ts';
import { planOf } from '../../test/bot/change-plans.ts';
import { KINDS, proposedChange } from '../../test/bot/change-samples.ts';
import { deciderOf } from '../../test/bot/example-change.ts';
import { NO_POLICY } from '../../test/bot/policy-rule.ts';
import { lockedHosts, type UnlockTools, unlock } from './unlock.ts';

const NOW = new Date('2026-11-30T08:00:00Z');

/** web-01 has a change whose outcome is unknown, web-02 one that works; db-01 has a proposal, and nothing has it. */
function world() {
  const entries: AuditEntry[] = [];
  const announced: string[] = [];
  const of = (id: string, host: string, state: ChangeState) => proposedChange(id, planOf(host, 1), NOW, { state });
  const working = { at: NOW, gate: 0, reverts: null, wish: null };
  const changes = [
    of('lost', 'web-01', { kind: 'unclear', at: NOW, gate: 0, why: 'timed-out', wish: null, began: false }),
    of('works', 'web-02', { kind: 'working', ...working, running: false }),
    of('waits', 'db-01', { kind: 'waiting', ...working, dropped: null }),
  ];
  const locks = new Map([['web-02', { change: 'works', token: 7 }]]);
  const store = {
    changes: {
      active: async () => changes,
      find: async (id: string) => changes.find((each) => each.id === id),
      lockOf: async (host: string) => locks.get(host),
      unlock: async (host: string, entry: AuditEntry) => {
        entries.push(entry);
        return locks.delete(host);
      },
      commit: async (_: unknown, after: (typeof changes)[number], entry: AuditEntry) => {
        entries.push(entry);
        changes.splice(0, 1, after);
        return 'done';
      },
    },
    freezes: { list: async () => [] },
  };
  const tools = {
    ...store,
    announce: async ({ id }: { readonly id: string }) => void announced.push(id),
    kinds: KINDS,
    policy: { ...NO_POLICY, admins: { users: ['U0BOB'], userGroups: [] } },
    now: () => NOW,
  } as unknown as UnlockTools & Parameters<typeof lockedHosts>[0];
  return { tools, entries, announced, changes, locks };
}

it('ends a change whose outcome is unknown, in the name of who unlocked', async () => {
  const { tools, entries, announced } = world();
  expect(await unlock('web-01', deciderOf('U0BOB'), tools)).toEqual({ kind: 'abandoned', change: 'lost' });
  expect(entries).toEqual([
    expect.objectContaining({ event: 'abandon', actor: deciderOf('U0BOB').actor, change: 'lost' }),
  ]);
  expect(announced).toEqual(['lost']);
});

it('takes the lock from another change, with its record', async () => {
  const { tools, entries, locks } = world();
  expect(await unlock('web-02', deciderOf('U0BOB'), tools)).toEqual({ kind: 'unlocked', change: 'works' });
  const details = { change: 'works', token: 7 };
  expect(entries).toEqual([
    expect.objectContaining({ event: 'unlock', host: 'web-02', actor: deciderOf('U0BOB').actor, details }),
  ]);
  expect(locks.size).toBe(0);
});

it.each([
  ['no-lock', 'db-01', 'U0BOB'],
  ['not-admin', 'web-01', 'U0EVE'],
  ['not-admin', 'web-02', 'U0EVE'],
])('refused as %s on %s does nothing', async (why, host, user) => {
  const { tools, entries, locks } = world();
  expect(await unlock(host, deciderOf(user), tools)).toEqual({ kind: 'refused', why });
  expect([entries, locks.size]).toEqual([[], 1]);
});

it('lists the hosts that it would free', async () => {
  expect(await lockedHosts(world().tools)).toEqual(['web-01', 'web-02']);
});
