/** The gates of a change, a line each: who has approved, what it waits for, and until when. Pure. */
import { gateSpec, type Kinds } from '#change/kind.ts';
import { type Change, type ChangeState, type Gate, trialOf } from '#domain/change.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import { minuteOf } from './show-change.ts';

type GateWords = ChangeWords['cli']['kernel']['gates'];

export function gateLines(change: Change, kinds: Kinds, words: GateWords): readonly string[] {
  const spec = kinds.get(change.kind);
  const patience = (index: number) => (spec && gateSpec(spec, change, index)?.patience) ?? 0;
  return change.gates.flatMap((gate, index) => {
    const said = gateText(change, gate, index, patience(index), words);
    return said === undefined ? [] : [`${gate.name}: ${said}`];
  });
}

/** Undefined for a gate that a change never came to. */
function gateText(change: Change, gate: Gate, index: number, patience: number, words: GateWords): string | undefined {
  const { state } = change;
  const who = gate.approvals.map(({ by }) => by.id).join(', ');
  if (state.kind === 'ended') return who === '' ? undefined : fill(words.passed, { who });
  if (index < state.gate) return fill(words.passed, { who });
  return index > state.gate ? words.later : openText(change, state, gate, who, patience, words);
}

function openText(
  change: Change,
  state: Exclude<ChangeState, { kind: 'ended' }>,
  { expiresAt, approvals, needs, host }: Gate,
  who: string,
  patience: number,
  words: GateWords,
): string {
  if (state.kind === 'waiting') {
    const until = minute(trialOf(change)?.reverts ?? expiresAt);
    return fill(words.open, { until, has: approvals.length, needs: needs.approvals, host });
  }
  const until = expiresAt && minute(new Date(expiresAt.getTime() + patience * 60_000));
  return fill(words[state.kind], { who, host, until: until ?? '' });
}

function minute(at: Date | null): string {
  return at === null ? '' : minuteOf(at);
}
