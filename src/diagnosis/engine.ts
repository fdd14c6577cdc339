/** Hands each rule exactly the readings it asked for, and turns what it lacked into unknown. Pure. */
import type { Evidence } from '#domain/evidence.ts';
import type { Missing } from '#domain/reading.ts';
import type { Verdict } from '#domain/verdict.ts';
import type { Diagnosis, Given, Wanted } from './diagnosis.ts';
import { foldUnderCauses } from './fold.ts';
import { isFromOlder, readDelta, readNewest, readNow } from './lookup.ts';
import { byRank } from './rank.ts';

/** All verdicts, findings first and worst first, each finding that another explains under its cause. */
export function judge(catalogue: readonly Diagnosis[], evidence: Evidence): readonly Verdict[] {
  const verdicts = catalogue.map((diagnosis) => judgeOne(diagnosis, evidence));
  return foldUnderCauses(verdicts, catalogue).toSorted(byRank(catalogue));
}

/**
 * One rule's verdict, not yet folded under a cause. What an older sample showed may be found; it is ruled out only if the
 * newest says so too.
 */
export function judgeOne(diagnosis: Diagnosis, evidence: Evidence): Verdict {
  const verdict = judgeBy(readNow, diagnosis, evidence);
  const looked = [...diagnosis.needs, ...diagnosis.uses];
  if (verdict.kind !== 'ruled-out' || !looked.some((key) => isFromOlder(key, evidence))) return verdict;
  const newest = judgeBy(readNewest, diagnosis, evidence);
  return newest.kind === 'unknown' ? newest : verdict;
}

function judgeBy(look: typeof readNow, diagnosis: Diagnosis, evidence: Evidence): Verdict {
  const { id } = diagnosis;
  const given = gather(diagnosis, evidence, look);
  if (given.kind === 'missing') return { kind: 'unknown', id, reason: given.reading.reason };
  const judgement = diagnosis.judge(given.value);
  switch (judgement.kind) {
    case 'found':
      return { id, causedBy: null, ...judgement };
    case 'ruled-out':
      return { id, ...judgement };
    case 'undecided':
      return { kind: 'unknown', id, reason: judgement.blockedBy.reason };
  }
}

type Gathered =
  | { readonly kind: 'given'; readonly value: Given<never, never, never, never> }
  | { readonly kind: 'missing'; readonly reading: Missing };

/** The readings a rule or a fix asked for, or the first one it cannot do without. */
export function gather(diagnosis: Wanted, evidence: Evidence, look = readNow): Gathered {
  const now: Record<string, unknown> = {};
  for (const key of diagnosis.needs) {
    const reading = look(key, evidence);
    if (reading.kind !== 'read') return { kind: 'missing', reading };
    now[key] = reading.value;
  }
  const change: Record<string, unknown> = {};
  for (const key of diagnosis.needsChange) {
    const reading = readDelta(key, evidence);
    if (reading.kind !== 'read') return { kind: 'missing', reading };
    change[key] = reading.value;
  }
  const maybe = Object.fromEntries(diagnosis.uses.map((key) => [key, look(key, evidence)]));
  const maybeChange = Object.fromEntries(diagnosis.usesChange.map((key) => [key, readDelta(key, evidence)]));
  return { kind: 'given', value: { now, change, maybe, maybeChange } };
}
