/** Measures the numbers of a change again, on the host, and says what became of them. */
import { prove as judge } from '#change/prove.ts';
import { type Change, type ChangeId, isKept, trialOf } from '#domain/change.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { type CheckTools, checkHost, type Judge } from './check-host.ts';
import type { Examine } from './examine.ts';
import { isTakenBack } from './propose-revert.ts';
import { kindOf, transition } from './transition.ts';

export interface ProveTools extends Pick<AdvanceTools, 'changes' | 'kinds' | 'announce' | 'findHost' | 'now'> {
  readonly checking: Omit<CheckTools, 'judge' | 'now'> & { readonly examine: Examine };
}

/** Seconds between the two samples: long enough for a rate. */
const INTERVAL = 3;

/** Of what is on trial or kept, and not taken back; otherwise nothing is measured. */
export async function prove(id: ChangeId, tools: ProveTools): Promise<void> {
  const change = await tools.changes.find(id);
  if (change === undefined) return;
  const proving = (await lasts(change, tools)) ? kindOf(change, tools.kinds).proving(change) : null;
  const host = proving === null ? undefined : await tools.findHost(change.host);
  if (proving === null || host === undefined || 'kind' in host) return;
  const { checking, now } = tools;
  // Nothing is judged: the fix's own numbers are what is wanted.
  const wants = { verdicts: false, plans: false, measures: { fix: proving.fix, facts: proving.facts } };
  const examine: Judge = (samples, about) => checking.examine({ samples, about, wants });
  const outcome = await checkHost({ host, interval: INTERVAL }, { ...checking, now, judge: examine }, {});
  const after = (outcome.kind === 'report' ? outcome.measures : undefined) ?? {};
  const proof = { at: now(), before: null, after, verdict: judge(proving.goals, proving.before, after) };
  if (!(await lasts(change, tools))) return;
  await transition(id, { kind: 'proved', proof }, tools);
}

async function lasts(change: Change, { changes }: Pick<ProveTools, 'changes'>): Promise<boolean> {
  return trialOf(change) !== undefined || (isKept(change) && !(await isTakenBack(change, changes)));
}
