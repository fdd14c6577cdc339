import { expect, it } from 'vitest';
import type { AuditEntry } from '#change/audit.ts';
import type { Subject } from '#domain/card.ts';
import { NO_POLICY } from '../../test/bot/policy-rule.ts';
import type { FreezeNotice } from './card-ports.ts';
import { type FreezeTools, freeze } from './freeze.ts';

const NOW = new Date('2026-11-30T08:00:00Z');
const by = (id: string, notChecked: readonly string[] = []) => ({
  actor: { surface: 'slack', id } as const,
  person: { id, userGroups: [], notChecked },
});

const card = (channel: string, language: string) => ({ place: { channel, thread: null }, language });
const CARDS = { waiting: [card('C1', 'en'), card('C2', 'ja')], trial: [card('C1', 'en')], other: [card('C3', 'en')] };

/** Two hosts of the group web, one of db: a proposal, a trial, and a change that has been kept. */
function world() {
  const frozen = new Set<string>();
  const entries: AuditEntry[] = [];
  const announced: string[] = [];
  const told: FreezeNotice[] = [];
  const changes = [
    { id: 'waiting', host: 'web-01', reverts: null, state: { kind: 'waiting', gate: 0 } },
    { id: 'trial', host: 'web-02', reverts: null, state: { kind: 'waiting', gate: 1 } },
    { id: 'applying', host: 'web-02', reverts: null, state: { kind: 'working', gate: 0 } },
    { id: 'other', host: 'db-01', reverts: null, state: { kind: 'waiting', gate: 0 } },
  ];
  const tools = {
    changes: { active: async () => changes },
    freezes: {
      freeze: async ({ group }: { readonly group: string }, entry: AuditEntry) => {
        frozen.add(group);
        entries.push(entry);
      },
      thaw: async (group: string, entry: AuditEntry) => {
        const was = frozen.delete(group);
        if (was) entries.push(entry);
        return was;
      },
    },
    cards: { of: async ({ id }: Subject) => (id in CARDS ? CARDS[id as keyof typeof CARDS] : []) },
    tellFreeze: async (notice: FreezeNotice) => void told.push(notice),
    channels: new Map(),
    announce: async ({ id }: { readonly id: string }) => void announced.push(id),
    policy: { ...NO_POLICY, admins: { users: ['U0BOB'], userGroups: ['S0SRE'] } },
    groupsOf: (host: string) => [host.replace(/-.*/, '')],
    hasGroup: (group: string) => ['web', 'db'].includes(group),
    now: () => NOW,
  } as unknown as FreezeTools;
  return { tools, frozen, entries, announced, told };
}

it('is recorded with who ordered it, and told to the open changes of the group', async () => {
  const { tools, frozen, entries, announced } = world();
  expect(await freeze({ on: true, group: 'web' }, by('U0BOB'), tools)).toMatchObject({
    kind: 'done',
    threads: 3,
  });
  expect([...frozen]).toEqual(['web']);
  const record = { actor: { surface: 'slack', id: 'U0BOB' }, at: NOW.toISOString(), details: { group: 'web' } };
  expect(entries).toEqual([expect.objectContaining({ event: 'freeze', ...record })]);
  expect(announced).toEqual(['waiting', 'trial']);
  expect(await freeze({ on: false, group: 'web' }, by('U0BOB'), tools)).toMatchObject({ kind: 'done' });
  expect(entries[1]).toMatchObject({ event: 'thaw', ...record });
});

it('of all hosts concerns all of them', async () => {
  const { tools, announced } = world();
  await freeze({ on: true, group: '*' }, by('U0BOB'), tools);
  expect(announced).toEqual(['waiting', 'trial', 'other']);
});

it('is told once to each channel with a card of such a change, and where the surface says', async () => {
  const { tools, told } = world();
  const by1 = by('U0BOB');
  const channels = new Map([
    ['C1', null],
    ['C4', 'ja' as const],
  ]);
  await freeze({ on: true, group: 'web' }, by1, { ...tools, channels });
  const notice = { kind: 'freeze', on: true, group: 'web', by: by1.actor, language: 'ja' };
  expect(told).toEqual(['C2', 'C4'].map((channel) => ({ ...notice, channel })));
  told.length = 0;
  await freeze({ on: false, group: 'web' }, by1, tools);
  expect(told.map(({ on, channel, language }) => [on, channel, language])).toEqual([
    [false, 'C1', 'en'],
    [false, 'C2', 'ja'],
  ]);
});

it.each([
  ['not-admin', by('U0EVE'), { on: true, group: 'web' }],
  ['not-checked', by('U0EVE', ['S0SRE']), { on: true, group: 'web' }],
  ['unknown-group', by('U0BOB'), { on: true, group: 'wbe' }],
  ['not-frozen', by('U0BOB'), { on: false, group: 'wbe' }],
])('refused as %s does nothing', async (why, decider, order) => {
  const { tools, frozen, entries, announced, told } = world();
  expect(await freeze(order, decider, tools)).toEqual({ kind: 'refused', why });
  expect([frozen.size, entries, announced, told]).toEqual([0, [], [], []]);
});

it('of a group that is gone can still be ended', async () => {
  const { tools, frozen } = world();
  frozen.add('gone');
  expect(await freeze({ on: false, group: 'gone' }, by('U0BOB'), tools)).toMatchObject({ kind: 'done' });
});
