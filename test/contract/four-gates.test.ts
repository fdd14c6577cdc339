/** The worked example of a kind, with its runner in a real shell: what it says is what observe reads. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deed, Observation } from '#change/kind.ts';
import type { Change, ChangeState, Wish } from '#domain/change.ts';
import { exited } from '../bot/command-results.ts';
import { ALICE, changeOf, gateOf, NOW } from '../bot/example-change.ts';
import { fourGatesCard } from '../bot/four-gates/card.ts';
import { FOUR_GATES_KIND, type FourGatesPlan } from '../bot/four-gates/kind.ts';

const GATES = ['build', 'install', 'boot', 'keep'];
const PLAN: FourGatesPlan = { host: 'web-01', builder: 'build-01', risk: 'low', what: 'hello-1.0' };

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'four-gates-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function at(state: ChangeState, artefact: string | null = null, fields: Partial<Change> = {}): Change {
  const gates = GATES.map((name) => gateOf(name, { host: name === 'build' ? 'build-01' : 'web-01', artefact }));
  return { ...changeOf(), kind: 'four-gates', plan: PLAN, gates, state, ...fields };
}

const working = (gate: number): ChangeState => ({
  kind: 'working',
  at: NOW,
  gate,
  reverts: null,
  wish: null,
  running: false,
});
const trial = (what: Wish['what'] | null = null): ChangeState => ({
  kind: 'waiting',
  at: NOW,
  gate: 3,
  reverts: NOW,
  wish: what && { what, by: ALICE, at: NOW },
  dropped: null,
});

/** What the host says to an order, as the bot reads it. */
function tell(change: Change, deed: Deed, steps = '0.05'): Observation {
  const { input } = FOUR_GATES_KIND.order(change, deed, 'w0rd', { text: '', signatures: [] });
  if (input.kind !== 'argv') throw new Error('it is a script');
  const [program, ...words] = input.argv;
  const env = { ...process.env, FOUR_GATES: dir, FOUR_GATES_STEP: steps };
  const { stdout, stderr, status } = spawnSync(program, words, { encoding: 'utf8', env });
  expect([stderr, status]).toEqual(['', 0]);
  return FOUR_GATES_KIND.observe(change, deed, exited(stdout), 'w0rd', new Date());
}

async function built(): Promise<string> {
  expect(tell(at(working(0)), 'begin')).toMatchObject({ kind: 'running' });
  await expect.poll(() => tell(at(working(0)), 'look')).toMatchObject({ kind: 'done', gate: 'build' });
  const done = tell(at(working(0)), 'look');
  if (done.kind !== 'done' || done.artefact === null) throw new Error('it has no artefact');
  return done.artefact;
}

function booted(artefact: string, minutes = 10): void {
  expect(tell(at(working(1), artefact), 'begin')).toMatchObject({ kind: 'done', gate: 'install', artefact });
  const boot = tell(at(working(2), artefact, { revertMinutes: minutes }), 'begin');
  expect(boot).toMatchObject({ kind: 'done', gate: 'boot', artefact, reverts: expect.any(Date) });
}

describe('a four-gates change', () => {
  it('is built in a while, then installed, booted and kept, and can be rolled back', async () => {
    const artefact = await built();
    expect(artefact).toMatch(/^[0-9a-f]{64}$/);
    booted(artefact);
    const keeping: ChangeState = { kind: 'working', at: NOW, gate: 3, reverts: NOW, wish: null, running: false };
    expect(tell(at(keeping, artefact), 'begin')).toMatchObject({ kind: 'done', gate: 'keep', reverts: null });
    const back = at(working(0), null, { id: 'rrrrrrrr' as never, reverts: changeOf().id, gates: [gateOf('rollback')] });
    for (const deed of ['begin', 'look'] as const)
      expect(tell(back, deed)).toMatchObject({ kind: 'done', gate: 'rollback' });
  });

  it('can be extended, and goes back when it is told to', async () => {
    const artefact = await built();
    booted(artefact);
    expect(tell(at(trial('extend'), artefact), 'extend')).toMatchObject({ kind: 'extended' });
    expect(tell(at(trial('revert'), artefact), 'revert')).toEqual({ kind: 'undone', why: 'person', remarks: [] });
  });

  it('goes back by itself when its time is over, with nobody asking', async () => {
    const artefact = await built();
    booted(artefact, 1 / 60);
    await expect.poll(() => tell(at(trial(), artefact), 'look')).toMatchObject({ kind: 'undone', why: 'timer' });
  });

  it('takes no other artefact than the one that was approved', async () => {
    const artefact = await built();
    expect(tell(at(working(1), artefact), 'begin')).toMatchObject({ kind: 'done', gate: 'install' });
    const other = at(working(2), 'f'.repeat(64));
    expect(tell(other, 'begin')).toEqual({ kind: 'refused', failure: { code: 'artefact', detail: '' } });
  });

  it('is cancelled while it is built', () => {
    tell(at(working(0)), 'begin', '5');
    expect(tell(at(working(0)), 'cancel')).toMatchObject({ kind: 'undone', why: 'person' });
  });

  it.each([0, 1])('whose order comes after its host has said that it never came is not begun (gate %d)', (gate) => {
    const neverBegun = { kind: 'refused', failure: { code: 'never-begun', detail: '' } };
    const change = at(working(gate), 'f'.repeat(64));
    for (const deed of ['look', 'begin'] as const) expect(tell(change, deed)).toEqual(neverBegun);
  });

  it('is unclear when its host has forgotten it', () => {
    expect(tell(at(trial()), 'look')).toEqual({ kind: 'unclear', why: 'journal-gone', isWord: true });
  });

  it.each(['en', 'ja'] as const)('has words for every stage and gate (%s)', (language) => {
    const { words, plan } = fourGatesCard(language);
    const gates = [...GATES, 'rollback'];
    expect(Object.keys(words.gates)).toEqual(gates);
    const stages = gates.flatMap((gate) => ['waiting', 'queued', 'working'].map((state) => `${state} ${gate}`));
    expect(Object.keys(words.stages)).toEqual([...stages, 'taken-back', 'done', 'undone']);
    expect(plan(PLAN)).toMatchObject({ title: 'hello-1.0' });
  });
});
