/** The form that proposes a fix, and what becomes of it. */
import { firstUnready } from '#app/offer-fixes.ts';
import { changeUnderWay } from '#app/propose.ts';
import { isTooOld, planFor, proposeFix } from '#app/propose-fix.ts';
import { groupsNeeded } from '#change/circles.ts';
import { mayAsk, mayBreakGlass, type PolicyAnswer } from '#change/policy.ts';
import { parseCheckId } from '#domain/check.ts';
import { SYSCTL } from '#kinds/sysctl/kind.ts';
import { type ProposeModal, proposeModal } from '#render/slack/change-modals.ts';
import type { ChangeProblem } from '#render/slack/change-words.ts';
import type { Asked } from './attend.ts';
import { changeSentence, deciderOf, proposeTools, refuseChange } from './change-desk.ts';
import { chosenIn, type Opened, textIn, type Values } from './modal-values.ts';
import type { Desk } from './tools.ts';

const APPLY = { name: 'apply', first: true };

/** The check and the fix that a button or a form names, and what the check has of it. */
async function lookUp(value: string, { store, inventory }: Desk) {
  const [text = '', fix = ''] = value.split('.');
  const run = parseCheckId(text);
  const stored = run && (await store.reports.find(run));
  const host = stored?.report.host ?? '';
  const plan = planFor(fix, stored?.proposals)?.plan;
  const target = plan && { kind: SYSCTL, groups: inventory().groupsOf(host), risk: plan.risk };
  return { run, fix, stored, host, plan, target };
}

/** Opens the form for one fix of one check, unless this person may not ask for it. */
export async function openProposal(
  value: string,
  trigger: string,
  opened: Opened,
  asked: Asked,
  desk: Desk,
): Promise<void> {
  const { fix, stored, plan, host, target } = await lookUp(value, desk);
  if (stored === undefined) return refuseChange(asked, 'unknown-report', { host });
  if (plan === undefined || target === undefined) return refuseChange(asked, 'no-plan', { host });
  const { policy, store } = desk.changes;
  // Said before somebody fills in the form, and asked again when it comes back.
  if (isTooOld(stored.report, desk.now())) return refuseChange(asked, 'old-evidence', { host });
  if ((await changeUnderWay(host, store.changes)) !== undefined) return refuseChange(asked, 'host-busy', { host });
  const { person } = await deciderOf(groupsNeeded('propose', policy, target, APPLY, asked.actor.id), asked, desk);
  const [may, alone] = [mayAsk(policy, target, person), mayBreakGlass(policy, target, APPLY, person)];
  const allowed = may.kind === 'allowed' ? may : alone;
  if (allowed.kind === 'refused') return refuseChange(asked, whyNot(may, allowed), { host });
  const { revertMinutes, longestRevertMinutes: longestMinutes, reasonRequired } = allowed.rule;
  const shown = {
    kind: SYSCTL,
    plan,
    revertMinutes,
    longestMinutes,
    reasonRequired,
    breakGlass: aloneOf(alone),
    unready: firstUnready(stored.proposals ?? [], [fix]),
    metadata: JSON.stringify(opened),
  };
  await desk.client.views.open({ trigger_id: trigger, view: proposeModal(shown, asked.voice) });
}

/** Who could not be checked hears so; who might break the glass, why not here; everybody else, that they may not ask. */
function whyNot(may: PolicyAnswer, alone: Extract<PolicyAnswer, { kind: 'refused' }>): ChangeProblem {
  if (may.kind === 'allowed' || may.why === 'not-checked') return 'not-checked';
  return alone.why === 'not-breaker' ? may.why : alone.why;
}

function aloneOf(alone: PolicyAnswer): ProposeModal['breakGlass'] {
  if (alone.kind === 'allowed') return 'offered';
  return alone.why === 'break-glass-outside' || alone.why === 'not-checked' ? alone.why : 'none';
}

export async function propose(opened: Opened, values: Values, asked: Asked, desk: Desk): Promise<string | undefined> {
  const { run, fix, host, target } = await lookUp(opened.value, desk);
  if (run === undefined) return changeSentence(asked, 'unknown-report');
  const { policy } = desk.changes;
  const { channel, thread } = opened;
  const needed = target && groupsNeeded('propose', policy, target, APPLY, asked.actor.id);
  const { actor, person } = await deciderOf(needed ?? [], asked, desk);
  const asking = {
    key: asked.key,
    requester: actor,
    person,
    revertMinutes: Number(chosenIn(values, 'minutes') ?? Number.NaN) || null,
    reason: textIn(values, 'reason'),
    breakGlass: chosenIn(values, 'who') === 'alone',
    card: { place: { channel, thread }, language: desk.channels.get(channel)?.language ?? asked.person.language },
  };
  const proposed = await proposeFix({ run, fix }, asking, { ...proposeTools(desk), reports: desk.store.reports });
  const facts = { user: asked.user, action: asked.about.action, fix, run, host };
  if (proposed.kind !== 'refused') desk.log.info({ ...facts, change: proposed.change.id }, 'done');
  else desk.log.info({ ...facts, why: proposed.why }, 'refused');
  return proposed.kind === 'refused' ? changeSentence(asked, proposed.why, { host, ...proposed.details }) : undefined;
}
