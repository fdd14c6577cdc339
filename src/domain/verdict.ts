/** What a diagnosis says about one host. */
import type { Facts } from '#domain/fact.ts';
import type { Missing, Reason } from '#domain/reading.ts';

/** crit = users fail now; warn = will fail, or already degrading; info = explains only. */
export type Severity = 'crit' | 'warn' | 'info';

/** A rule's answer. A rule never says unknown: it hands back the reading it could not do without. */
export type Judgement =
  | { readonly kind: 'found'; readonly severity: Severity; readonly facts: Facts }
  | { readonly kind: 'ruled-out'; readonly facts: Facts }
  | { readonly kind: 'undecided'; readonly blockedBy: Missing };

export type Verdict = { readonly id: string } & (
  | { readonly kind: 'found'; readonly severity: Severity; readonly facts: Facts; readonly causedBy: string | null }
  | { readonly kind: 'ruled-out'; readonly facts: Facts }
  | { readonly kind: 'unknown'; readonly reason: Reason }
);

export type Finding = Extract<Verdict, { kind: 'found' }>;

export function found(severity: Severity, facts: Facts): Judgement {
  return { kind: 'found', severity, facts };
}

export function ruledOut(facts: Facts): Judgement {
  return { kind: 'ruled-out', facts };
}

/** Neither found nor ruled out without this reading; the engine turns it into unknown, with the reading's reason. */
export function undecided(blockedBy: Missing): Judgement {
  return { kind: 'undecided', blockedBy };
}
