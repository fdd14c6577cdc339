/** Whether a report calls for a kernel with a shorter TIME_WAIT: ports held by it, where nothing on this host frees them sooner. Pure. */
import type { Facts } from '#domain/fact.ts';
import type { Report } from '#domain/report.ts';

export function callsForKernel({ verdicts }: Pick<Report, 'verdicts'>): boolean {
  return verdicts.some((verdict) => verdict.kind === 'found' && isBeyondReuse(verdict.id, verdict.facts));
}

function isBeyondReuse(id: string, facts: Facts): boolean {
  // What this host has switched off it can switch on.
  if (id === 'tw-reuse-ineffective-no-timestamps') return factOf(facts, 'offHere') !== true;
  if (id !== 'ephemeral-port-exhaustion-per-destination') return false;
  return factOf(facts, 'noTimestamps') === true && Number(factOf(facts, 'timeWait')) > 0;
}

function factOf(facts: Facts, name: string): unknown {
  const found = facts[name];
  return found !== undefined && 'value' in found ? found.value : undefined;
}
