import { describe, expect, it } from 'vitest';
import { loadChangeWords } from '#catalogue.ts';
import type { Change, ChangeState, Gate } from '#domain/change.ts';
import { ALICE, BOB, CAROL, changeOf, gateOf, minutesLater, NOW } from '../../test/bot/example-change.ts';
import { FOUR_GATES, FOUR_GATES_KIND } from '../../test/bot/four-gates/kind.ts';
import { gateLines } from './kernel-gates.ts';

const KINDS = new Map([[FOUR_GATES, FOUR_GATES_KIND]]);
const { gates: words } = (await loadChangeWords('en', null)).cli.kernel;

const by = (actor: typeof BOB) => ({ by: actor, at: NOW, hash: '', signature: null, userGroups: [] });

function lines(state: ChangeState, gates: Readonly<Record<string, Partial<Gate>>>): readonly string[] {
  const all = ['build', 'install', 'boot', 'keep'].map((name) => gateOf(name, gates[name]));
  return gateLines({ ...(changeOf() as Change), kind: FOUR_GATES, gates: all, state }, KINDS, words);
}

const waiting = { kind: 'waiting', at: NOW, reverts: null, wish: null, dropped: null } as const;
const queued = { kind: 'queued', at: NOW, reverts: null, holder: null, away: null } as const;

describe('gateLines', () => {
  it('say who has approved, until when the open one waits, and for how many', () => {
    const install = { expiresAt: minutesLater(60), needs: { approvals: 2, outside: false }, approvals: [by(CAROL)] };
    expect(lines({ ...waiting, gate: 1 }, { build: { approvals: [by(BOB), by(CAROL)] }, install })).toEqual([
      'build: approved by U0BOB, U0CAROL',
      'install: open until 2026-11-27 04:00 UTC: 1 of 2 approvals',
      'boot: not open yet',
      'keep: not open yet',
    ]);
  });

  it('say until when the host waits, on trial', () => {
    const state = { ...waiting, gate: 3, reverts: minutesLater(10) };
    expect(lines(state, {}).at(-1)).toBe('keep: open until 2026-11-27 03:10 UTC: 0 of 1 approvals');
  });

  it('say until when what is approved waits for its host: the patience of its gate after it expires', () => {
    const boot = { expiresAt: minutesLater(60), approvals: [by(BOB)] };
    expect(lines({ ...queued, gate: 2 }, { boot })[2]).toBe(
      'boot: approved by U0BOB; waits for web-01 until 2026-11-27 06:00 UTC',
    );
  });

  it('say of what has ended which gates it passed', () => {
    const end = { how: 'denied', by: ALICE, reason: '' } as const;
    expect(lines({ kind: 'ended', at: NOW, end }, { build: { approvals: [by(BOB)] } })).toEqual([
      'build: approved by U0BOB',
    ]);
  });
});
