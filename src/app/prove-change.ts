/** Measures the numbers of a change again, on the host, and says what became of them. */
import { prove } from '#change/prove.ts';
import type { ChangeId } from '#domain/change.ts';
import { type CheckTools, checkHost, type Judge } from './check-host.ts';
import type { Examine } from './examine.ts';
import { transitionChange } from './transition-change.ts';
import type { WorkTools } from './work-change.ts';

export interface ProveTools extends Pick<WorkTools, 'changes' | 'announce' | 'findHost' | 'now'> {
  readonly checking: Omit<CheckTools, 'judge' | 'now'> & { readonly examine: Examine };
}

/** Seconds between the two samples: long enough for a rate. */
const INTERVAL = 3;

export async function proveChange(id: ChangeId, tools: ProveTools): Promise<void> {
  const change = await tools.changes.find(id);
  if (change === undefined || !['on-trial', 'kept'].includes(change.state.kind)) return;
  const host = await tools.findHost(change.host);
  if ('kind' in host) return;
  const { checking, now } = tools;
  // Nothing is judged: the fix's own numbers are what is wanted.
  const wants = { verdicts: false, plans: false, measures: { fix: change.plan.fix, facts: change.plan.facts } };
  const judge: Judge = (samples, about) => checking.examine({ samples, about, wants });
  const outcome = await checkHost({ host, interval: INTERVAL }, { ...checking, now, judge }, {});
  const after = (outcome.kind === 'report' ? outcome.measures : undefined) ?? {};
  const proof = { at: now(), after, verdict: prove(change.plan.goals, change.plan.before, after) };
  const moved = await transitionChange(id, { kind: 'proved', proof }, tools);
  if (moved.kind === 'moved') await tools.announce(id);
}
