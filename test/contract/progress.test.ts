/** What a host says of long work, over a real Redis: beside the change, in no record, and gone when the work is. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { advance } from '#app/advance.ts';
import type { AdvanceTools } from '#app/advance-ports.ts';
import type { ChangeStore } from '#app/change-ports.ts';
import { proposalEntry } from '#change/entry.ts';
import type { Change, ChangeState } from '#domain/change.ts';
import type { Unreadable } from '#store/aside.ts';
import { createChangeStore } from '#store/change-store.ts';
import { keyOf } from '#store/keys.ts';
import { planOf } from '../bot/change-plans.ts';
import { KINDS, proposedChange, SYSCTL_KIND } from '../bot/change-samples.ts';
import { exited } from '../bot/command-results.ts';
import { gateOf } from '../bot/example-change.ts';
import { FOUR_GATES, FOUR_GATES_KIND } from '../bot/four-gates/kind.ts';
import { hostNamed } from '../bot/host-named.ts';
import { openTerminal } from './terminal-place.ts';

const KEEP_MS = 3_600_000;
const LONG_AGO = new Date(Date.now() - 300_000);
const ALL_KINDS = new Map([...KINDS, [FOUR_GATES, FOUR_GATES_KIND]]);
const BUILT = `state built ${'a'.repeat(64)}`;

let terminal: Awaited<ReturnType<typeof openTerminal>>;
let store: ChangeStore;
let unreadable: string[];
let announced: string[];
let clock = Date.now();

beforeAll(async () => {
  terminal = await openTerminal({ rules: [] });
  const onUnreadable = ({ key }: Unreadable) => void unreadable.push(key);
  store = createChangeStore(terminal.redis, KEEP_MS, ALL_KINDS, { onUnreadable });
});
afterAll(() => terminal?.close());
beforeEach(async () => {
  [unreadable, announced] = [[], []];
  await terminal.redis.flushall();
});

const WORKING: ChangeState = { kind: 'working', at: LONG_AGO, gate: 0, reverts: null, wish: null, running: false };
const progressKey = ({ id }: Change) => keyOf('change', id, 'progress');

/** A build that was begun, and is to be asked about. */
async function building(): Promise<Change> {
  const plan = { ...planOf('web-01', 1), builder: 'db-01', what: 'hello-1.0' };
  const gates = ['build', 'install', 'boot', 'keep'].map((name) => gateOf(name, { expiresAt: new Date() }));
  const change = { ...proposedChange('aaaaaaaa', plan, new Date()), kind: FOUR_GATES, gates, state: WORKING };
  await store.changes.propose(change, proposalEntry(FOUR_GATES_KIND, change, new Date()));
  return change;
}

/** A worker asks the host, which says this. */
function hears(change: Change, ...said: readonly string[]): Promise<void> {
  clock += 60_000;
  const stdout = said.map((each) => `w0rd ${each}\n`).join('');
  const tools = {
    ...store,
    kinds: ALL_KINDS,
    queue: { add: async () => {} },
    announce: async (_: unknown, urgency: string) => void announced.push(urgency),
    findHost: async (name: string) => hostNamed(name, []),
    run: async () => exited(stdout),
    word: () => 'w0rd',
    now: () => new Date(clock),
  } as unknown as AdvanceTools;
  return advance(change.id, tools);
}

const progress = async ({ id }: Change) => {
  const now = await store.changes.find(id);
  return now && (await store.changes.progressOf(now)).line;
};
const heard = (line: string) => ({ line, silentSince: null });

describe('progress', () => {
  it('is kept as the host says it, announced when it is news, and in no record', async () => {
    const change = await building();
    await hears(change, 'state building 1/3');
    expect([await progress(change), announced]).toEqual(['1/3', ['now', 'soon']]);
    const { seq } = await store.audit.head();
    await hears(change, 'state building 1/3');
    await hears(change, 'state building 2/3');
    expect([await progress(change), announced]).toEqual(['2/3', ['now', 'soon', 'soon']]);
    expect((await store.audit.head()).seq).toBe(seq);
  });

  it.each([
    ['is done', BUILT],
    ['has failed', 'state failed interrupted'],
  ])('is gone when the work %s', async (_what, said) => {
    const change = await building();
    await hears(change, 'state building 1/3');
    await hears(change, said);
    expect((await store.changes.find(change.id))?.state.kind).not.toBe('working');
    expect([await progress(change), await terminal.redis.exists(progressKey(change))]).toEqual(['', 0]);
  });

  it('that comes when the change has moved on is not kept', async () => {
    const change = await building();
    await hears(change, 'state building 1/3');
    expect(await store.changes.keepProgress(change, heard('0/3'))).toBe(false);
    expect(await progress(change)).toBe('1/3');
  });

  it('is one short line without control characters, whatever the host or Redis says', async () => {
    const change = await building();
    await hears(change, `state building ${'\u001b[31m\u202e'.repeat(1000)}`);
    expect(await progress(change)).toMatch(/^[ -~]{1,200}$/);
    await terminal.redis.hset(progressKey(change), 'line', 'a\u001b[2Jb\nc');
    expect(await progress(change)).toBe('a [2Jb c');
  });

  it.each([
    ['a string', (key: string) => terminal.redis.set(key, 'x')],
    ['too long', (key: string) => terminal.redis.hset(key, { version: '3', line: 'x'.repeat(1000) })],
    ['no line', (key: string) => terminal.redis.hset(key, { version: '3', other: 'x' })],
  ])('that is none is set aside, and the change goes on: %s', async (_what, plant) => {
    const change = await building();
    await plant(progressKey(change));
    expect([await progress(change), unreadable]).toEqual(['', [progressKey(change)]]);
    await hears(change, 'state building 2/3');
    expect(await progress(change)).toBe('2/3');
  });
});

it('`changes ID` shows that one change and its progress, in both languages', async () => {
  const change = { ...proposedChange('bbbbbbbb', planOf('web-01', 1), new Date()), state: WORKING };
  for (const each of [change, proposedChange('cccccccc', planOf('db-01', 1), new Date())])
    await store.changes.propose(each, proposalEntry(SYSCTL_KIND, each, new Date()));
  expect(await store.changes.keepProgress(change, heard('compiling 3/8'))).toBe(true);
  const { stdout } = await terminal.run(['changes', change.id]);
  expect(stdout).toMatch(/bbbbbbbb[^\n]*applying[\s\S]*\nbbbbbbbb {2}Progress: compiling 3\/8\n/);
  expect(stdout).not.toContain('cccccccc');
  expect((await terminal.run(['changes', change.id, '--lang', 'ja'])).stdout).toContain('進捗: compiling 3/8');
  const { changes, progress: lines } = JSON.parse((await terminal.run(['changes', change.id, '--json'])).stdout);
  expect([changes.length, lines]).toEqual([1, { bbbbbbbb: 'compiling 3/8' }]);
});
