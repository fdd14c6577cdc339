/** Whether the numbers that had to move did: before and after, against the plan's goals. Pure. */
import type { ProofVerdict } from '#domain/change.ts';
import type { Goal, Measures } from '#domain/plan.ts';

/** A number that moved by less than this share of where it was is noise. */
const NOISE = 0.1;
/** Of a rate: events come in bursts, and over a few seconds their number goes up and down by itself. */
const NOISE_OF_RATE = 0.5;

export function prove(goals: readonly Goal[], before: Measures, after: Measures): ProofVerdict {
  const judged = goals.map((goal) =>
    judgeGoal(goal, numberOf(before, goal), numberOf(after, goal), noiseOf(before, goal)),
  );
  const known = judged.filter((one) => one !== 'unknown');
  if (known.length === 0) return 'unknown';
  if (known.includes('worse')) return 'worse';
  if (judged.every((one) => one === 'met' || one === 'met-all-along')) return 'cured';
  return known.some((one) => one === 'nearer' || one === 'met') ? 'better' : 'no-effect';
}

type GoalVerdict = 'met' | 'met-all-along' | 'nearer' | 'same' | 'worse' | 'unknown';

function judgeGoal({ wants, value }: Goal, before: number | null, after: number | null, share: number): GoalVerdict {
  if (after === null) return 'unknown';
  const isMet = (number: number) => (wants === 'at-most' ? number <= value : number > value);
  if (isMet(after)) return before !== null && isMet(before) ? 'met-all-along' : 'met';
  if (before === null) return 'same';
  const nearer = wants === 'at-most' ? before - after : after - before;
  const noise = Math.abs(before) * share;
  if (nearer > noise) return 'nearer';
  return nearer < -noise ? 'worse' : 'same';
}

function numberOf(measures: Measures, { number }: Goal): number | null {
  const value = measures[number]?.value;
  return typeof value === 'number' ? value : null;
}

function noiseOf(measures: Measures, { number }: Goal): number {
  return measures[number]?.unit === 'per-second' ? NOISE_OF_RATE : NOISE;
}
