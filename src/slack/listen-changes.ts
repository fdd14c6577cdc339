/** The buttons and modals of changes. What a button means is looked up here, and the policy is asked each time. */
import type { App } from '@slack/bolt';
import { approve } from '#app/approve.ts';
import { beside } from '#app/beside.ts';
import { type Decision, policyGate, shownHash, targetOf } from '#app/decide-ports.ts';
import { deny, withdraw } from '#app/deny.ts';
import { proposeRevert } from '#app/propose-revert.ts';
import { review } from '#app/review.ts';
import { wish } from '#app/wish.ts';
import { approversOf } from '#change/circles.ts';
import { type Change, type ChangeId, trialOf, type Wish } from '#domain/change.ts';
import { cardOf } from '#render/kind-card.ts';
import { SEEN_DIGITS } from '#render/slack/change-buttons.ts';
import {
  DENY_MODAL,
  denyModal,
  EVERY_STEP,
  NARROW_MODAL,
  narrowModal,
  PROPOSE_MODAL,
} from '#render/slack/change-modals.ts';
import type { ChangeProblem } from '#render/slack/change-words.ts';
import { whoMay } from '#render/slack/names.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { LINE_BREAK } from '#render/slack/rich.ts';
import { fill } from '#render/words.ts';
import type { Asked } from './attend.ts';
import {
  changeSentence,
  deciderOf,
  deciderOn,
  decideTools,
  parseValue,
  proposeTools,
  refuseChange,
} from './change-desk.ts';
import { chosenIn, type Opened, textIn } from './modal-values.ts';
import { listenForPresses, type Pressed, threadOf } from './presses.ts';
import { openProposal, propose } from './propose-fix.ts';
import { type FieldProblem, listenForSubmissions } from './submissions.ts';
import type { Desk } from './tools.ts';

/** The gate that a button opens: that of a trial, or one before anything is on trial. */
const GATE_BUTTONS: readonly (readonly [string, boolean])[] = [
  ['change:approve', false],
  ['change:keep', true],
];

const WISH_BUTTONS: readonly (readonly [string, Wish['what']])[] = [
  ['change:revert', 'revert'],
  ['change:extend', 'extend'],
  ['change:cancel', 'cancel'],
];

export function listenForChanges(app: App, desk: Desk): void {
  const on = listenForPresses(app, desk);
  const onSubmit = listenForSubmissions(app, desk);

  on(/^fix:\d+$/, (value, pressed, asked) =>
    openProposal(value, pressed.trigger_id, openedAt(value, pressed), asked, desk),
  );

  /** For a button of a change; what is none names no change. */
  function onChange(action: string, listener: (id: ChangeId, seen: string, asked: Asked) => Promise<void>): void {
    on(action, async (value, _, asked) => {
      const parsed = parseValue(value);
      if (parsed === undefined) return refuseChange(asked, 'unknown-change');
      await listener(parsed.id, parsed.seen, asked);
    });
  }

  for (const [action, trial] of GATE_BUTTONS)
    onChange(action, async (id, seen, asked) => {
      const decider = await deciderOn(id, 'approve', asked, desk);
      await answer(await approve(id, { ...decider, seen, signature: null, trial }, decideTools(desk)), asked, desk);
    });

  onChange('change:withdraw', async (id, _, asked) =>
    answer(await withdraw(id, await deciderOf([], asked, desk), decideTools(desk)), asked, desk),
  );

  for (const [action, what] of WISH_BUTTONS)
    onChange(action, async (id, _, asked) => {
      const decider = await deciderOn(id, what === 'extend' ? 'approve' : 'revert', asked, desk);
      await answer(await wish(id, what, decider, decideTools(desk)), asked, desk);
    });

  onChange('change:reviewed', async (id, _, asked) =>
    answer(await review(id, await deciderOn(id, 'review', asked, desk), decideTools(desk)), asked, desk),
  );

  onChange('change:take-back', (id, _, asked) => takeBack(id, asked, desk));

  on('change:deny', async (value, pressed, asked) => {
    const metadata = JSON.stringify(openedAt(value, pressed));
    await desk.client.views.open({ trigger_id: pressed.trigger_id, view: denyModal(metadata, asked.voice) });
  });

  on('change:narrow', async (value, pressed, asked) => {
    const parsed = parseValue(value);
    const change = parsed && (await desk.changes.store.changes.find(parsed.id));
    if (change === undefined) return refuseChange(asked, 'unknown-change');
    const hash = shownHash(change, desk.changes.kinds).slice(0, SEEN_DIGITS);
    const metadata = JSON.stringify(openedAt(`${change.id}.${hash}`, pressed));
    await desk.client.views.open({ trigger_id: pressed.trigger_id, view: narrowModal(change, metadata, asked.voice) });
  });

  onSubmit(PROPOSE_MODAL, async (opened, values, asked) =>
    problemAt('reason', await propose(opened, values, asked, desk)),
  );

  onSubmit(DENY_MODAL, async ({ value }, values, asked) => {
    const parsed = parseValue(value);
    if (parsed === undefined) return problemAt('reason', changeSentence(asked, 'unknown-change'));
    const decider = await deciderOn(parsed.id, 'approve', asked, desk);
    const decision = await deny(parsed.id, decider, textIn(values, 'reason'), decideTools(desk));
    return problemAt('reason', problemOf(decision, asked, desk));
  });

  onSubmit(NARROW_MODAL, async ({ value }, values, asked) => {
    const parsed = parseValue(value);
    const change = parsed && (await desk.changes.store.changes.find(parsed.id));
    if (parsed === undefined || change === undefined)
      return problemAt('minutes', changeSentence(asked, 'unknown-change'));
    const plan = cardOf(change, asked.voice.kinds).plan(change.plan);
    const chosen = chosenIn(values, 'steps') ?? EVERY_STEP;
    const parts = chosen === EVERY_STEP ? plan.steps.map(({ name }) => name) : (plan.parts[Number(chosen)]?.keys ?? []);
    const narrowed = { parts, revertMinutes: Number(chosenIn(values, 'minutes')) };
    const given = { ...(await deciderOn(parsed.id, 'approve', asked, desk)), seen: parsed.seen, signature: null };
    const decision = await approve(parsed.id, { ...given, narrowed, trial: false }, decideTools(desk));
    return problemAt('minutes', problemOf(decision, asked, desk));
  });
}

function problemAt(field: string, sentence: string | undefined): FieldProblem | undefined {
  return sentence === undefined ? undefined : { field, sentence };
}

function openedAt(value: string, pressed: Pressed): Opened {
  return { value, ...threadOf(pressed) };
}

/** What became of a press, beside the line that says who pressed. */
function logDecision(decision: Decision, { about, user }: Asked, { log }: Desk): void {
  const facts = { user, action: about.action, change: decision.change?.id, host: decision.change?.host };
  if (decision.kind === 'done') log.info(facts, 'done');
  else log.info({ ...facts, why: decision.why }, 'refused');
}

async function answer(decision: Decision, asked: Asked, desk: Desk): Promise<void> {
  logDecision(decision, asked, desk);
  if (decision.kind === 'done') return;
  const { why, change } = decision;
  if (why === 'own-change' && change !== null) return nameOthers(change, asked, desk);
  await refuseChange(asked, why, change === null ? {} : aboutChange(change));
}

/** The requester hears who may decide instead. */
async function nameOthers(change: Change, asked: Asked, desk: Desk): Promise<void> {
  const target = targetOf(change, decideTools(desk));
  const others = approversOf(desk.changes.policy, target, policyGate(change, desk.changes.kinds), {
    ...change,
    breakGlass: false,
  });
  const named = whoMay(change, others, asked.voice);
  await asked.reply(sentenceMessage(changeSentence(asked, 'own-change'), LINE_BREAK, ...named));
}

/** Asked for beside the card of what was kept. */
async function takeBack(id: ChangeId, asked: Asked, desk: Desk): Promise<void> {
  const privately = { place: { channel: asked.user, thread: null }, language: asked.person.language };
  const decider = await deciderOn(id, 'propose', asked, desk);
  const asking = {
    key: asked.key,
    requester: decider.actor,
    person: decider.person,
    revertMinutes: null,
    reason: fill(asked.voice.change.modal.takesBack, { id }),
    breakGlass: false,
    card: (await beside({ kind: 'change', id }, desk.store.cards)) ?? privately,
  };
  const proposed = await proposeRevert(id, asking, proposeTools(desk));
  if (proposed.kind === 'refused') {
    const host = (await desk.changes.store.changes.find(id))?.host ?? '';
    return refuseChange(asked, proposed.why, { host, id, ...proposed.details });
  }
  desk.log.info({ user: asked.user, action: asked.about.action, change: proposed.change.id }, 'done');
}

function problemOf(decision: Decision, asked: Asked, desk: Desk): string | undefined {
  logDecision(decision, asked, desk);
  if (decision.kind === 'done') return undefined;
  const problem: ChangeProblem = decision.why;
  return changeSentence(asked, problem, decision.change === null ? {} : aboutChange(decision.change));
}

/** `verb`: of the terminal, for its open gate. */
function aboutChange(change: Change): Readonly<Record<string, string>> {
  const { host, id } = change;
  return { host, id, verb: trialOf(change) === undefined ? 'approve' : 'keep' };
}
