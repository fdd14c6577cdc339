/** Measures the numbers of a change again, on the host, and says what became of them. */
import { prove } from '#change/prove.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Fix } from '#fixes/fix.ts';
import { measureFix } from '#fixes/plan-fix.ts';
import { type CheckTools, checkHost } from './check-host.ts';
import { parseSamples } from './judge-samples.ts';
import { transitionChange } from './transition-change.ts';
import type { WorkTools } from './work-change.ts';

export interface ProveTools extends Pick<WorkTools, 'changes' | 'announce' | 'findHost' | 'now'> {
  readonly fixes: readonly Fix[];
  readonly checking: Omit<CheckTools, 'catalogue' | 'now'>;
}

/** Seconds between the two samples: long enough for a rate. */
const INTERVAL = 3;

export async function proveChange(id: ChangeId, tools: ProveTools): Promise<void> {
  const change = await tools.changes.find(id);
  const fix = tools.fixes.find((each) => each.id === change?.plan.fix);
  if (change === undefined || fix === undefined || !['on-trial', 'kept'].includes(change.state.kind)) return;
  const host = await tools.findHost(change.host);
  if ('kind' in host) return;
  const { checking, now } = tools;
  // Nothing is judged: the fix's own numbers are what is wanted.
  const outcome = await checkHost(
    { host, interval: INTERVAL },
    { ...checking, now, catalogue: Promise.resolve([]) },
    {},
  );
  const evidence = outcome.kind === 'report' ? parseSamples(outcome.samples, checking.sources) : undefined;
  const after = (evidence && measureFix(fix, change.plan.facts, evidence)) ?? {};
  const proof = { at: now(), after, verdict: prove(change.plan.goals, change.plan.before, after) };
  const moved = await transitionChange(id, { kind: 'proved', proof }, tools);
  if (moved.kind === 'moved') await tools.announce(id);
}
