/** Puts related findings under their cause, so that one trouble is one entry in the report. Pure. */
import type { Finding, Verdict } from '#domain/verdict.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Gives each finding the first other finding that explains it; never in a circle. */
export function foldUnderCauses(verdicts: readonly Verdict[], catalogue: readonly Diagnosis[]): readonly Verdict[] {
  const found = new Set(verdicts.filter(isFinding).map(({ id }) => id));
  const causes = new Map<string, string>();
  for (const cause of catalogue.filter(({ id }) => found.has(id))) {
    for (const effect of cause.explains) {
      if (found.has(effect) && !causes.has(effect) && !leadsTo(causes, cause.id, effect)) causes.set(effect, cause.id);
    }
  }
  return verdicts.map((verdict) =>
    isFinding(verdict) ? { ...verdict, causedBy: causes.get(verdict.id) ?? null } : verdict,
  );
}

function isFinding(verdict: Verdict): verdict is Finding {
  return verdict.kind === 'found';
}

/** Whether following causes upwards from `from` meets `to`. */
function leadsTo(causes: ReadonlyMap<string, string>, from: string, to: string): boolean {
  for (let at: string | undefined = from; at !== undefined; at = causes.get(at)) if (at === to) return true;
  return false;
}
