/** Measures the numbers of a change again, on the host, and says what became of them. */
import { prove as judge } from '#change/prove.ts';
import { type ChangeId, trialOf } from '#domain/change.ts';
import type { AdvanceTools } from './advance.ts';
import { type CheckTools, checkHost, type Judge } from './check-host.ts';
import type { Examine } from './examine.ts';
import { kindOf, transition } from './transition.ts';

export interface ProveTools extends Pick<AdvanceTools, 'changes' | 'kinds' | 'announce' | 'findHost' | 'now'> {
  readonly checking: Omit<CheckTools, 'judge' | 'now'> & { readonly examine: Examine };
}

/** Seconds between the two samples: long enough for a rate. */
const INTERVAL = 3;

/** Of what is on trial or kept; otherwise nothing is measured. */
export async function prove(id: ChangeId, tools: ProveTools): Promise<void> {
  const change = await tools.changes.find(id);
  if (change === undefined) return;
  const { state } = change;
  const isDone = state.kind === 'ended' && state.end.how === 'done';
  const proving = trialOf(change) || isDone ? kindOf(change, tools.kinds).proving(change) : null;
  const host = proving === null ? undefined : await tools.findHost(change.host);
  if (proving === null || host === undefined || 'kind' in host) return;
  const { checking, now } = tools;
  // Nothing is judged: the fix's own numbers are what is wanted.
  const wants = { verdicts: false, plans: false, measures: { fix: proving.fix, facts: proving.facts } };
  const examine: Judge = (samples, about) => checking.examine({ samples, about, wants });
  const outcome = await checkHost({ host, interval: INTERVAL }, { ...checking, now, judge: examine }, {});
  const after = (outcome.kind === 'report' ? outcome.measures : undefined) ?? {};
  const proof = { at: now(), after, verdict: judge(proving.goals, proving.before, after) };
  await transition(id, { kind: 'proved', proof }, tools);
}
