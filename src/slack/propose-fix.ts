/** The form that proposes a fix, and what becomes of it. */
import { proposeChange } from '#app/propose-change.ts';
import { mayAsk, mayBreakGlass } from '#change/policy.ts';
import { parseRunId } from '#domain/check-run.ts';
import { proposeModal } from '#render/slack/change-modals.ts';
import type { Asked } from './attend.ts';
import { changeSentence, deciderOf, groupsOf, refuseChange } from './change-desk.ts';
import { chosenIn, type Opened, textIn, type Values } from './modal-values.ts';
import type { Desk } from './tools.ts';

/** Opens the form for one fix of one check, unless this person may not ask for it. */
export async function openProposal(
  value: string,
  trigger: string,
  opened: Opened,
  asked: Asked,
  desk: Desk,
): Promise<void> {
  const [runText = '', fix = ''] = value.split('.');
  const run = parseRunId(runText);
  const stored = run && (await desk.store.reports.find(run));
  const proposal = stored?.proposals?.find((each) => each.kind === 'plan' && each.plan.fix === fix);
  if (proposal?.kind !== 'plan')
    return refuseChange(asked, stored === undefined ? 'unknown-report' : 'no-plan', {
      host: stored?.report.host ?? '',
    });
  const { plan } = proposal;
  const { policy } = desk.changes;
  const target = { groups: groupsOf(plan.host, desk.inventory), risk: plan.risk };
  const { person } = await deciderOf(asked, desk);
  const [may, alone] = [mayAsk(policy, target, person), mayBreakGlass(policy, target, person)];
  const allowed = may.kind === 'allowed' ? may : alone;
  if (allowed.kind === 'refused')
    return refuseChange(asked, may.kind === 'refused' ? may.why : 'no-rule', { host: plan.host });
  const { revertMinutes, longestRevertMinutes: longestMinutes, reasonRequired } = allowed.rule;
  const mayBreak = alone.kind === 'allowed';
  const shown = {
    plan,
    revertMinutes,
    longestMinutes,
    reasonRequired,
    mayBreakGlass: mayBreak,
    metadata: JSON.stringify(opened),
  };
  await desk.client.views.open({ trigger_id: trigger, view: proposeModal(shown, asked.voice) });
}

export async function propose(opened: Opened, values: Values, asked: Asked, desk: Desk): Promise<string | undefined> {
  const [runText = '', fix = ''] = opened.value.split('.');
  const run = parseRunId(runText);
  if (run === undefined) return changeSentence(asked, 'unknown-report');
  const stored = await desk.store.reports.find(run);
  const host = stored?.report.host ?? '';
  const { store, queue, announce, policy } = desk.changes;
  const { channel, thread } = opened;
  const { actor, person } = await deciderOf(asked, desk);
  const proposed = await proposeChange(
    {
      key: asked.key,
      run,
      fix,
      requester: actor,
      person,
      groups: groupsOf(host, desk.inventory),
      revertMinutes: Number(chosenIn(values, 'minutes') ?? Number.NaN) || null,
      reason: textIn(values, 'reason'),
      breakGlass: chosenIn(values, 'who') === 'alone',
      card: { channel, thread, language: desk.channels.get(channel)?.language ?? asked.person.language },
    },
    {
      reports: desk.store.reports,
      ...store,
      queue,
      announce,
      policy,
      now: desk.now,
    },
  );
  return proposed.kind === 'refused' ? changeSentence(asked, proposed.why, { host }) : undefined;
}
