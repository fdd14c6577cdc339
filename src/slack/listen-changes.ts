/** The buttons and modals of changes. What a button means is looked up here, and the policy is asked each time. */
import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import { approveChange, type Decision, denyChange, endTrial, withdrawChange } from '#app/decide-change.ts';
import { reviewChange } from '#app/review-change.ts';
import { approversOf } from '#change/circles.ts';
import { APPLY, KEEP, SYSCTL } from '#change/sysctl-gates.ts';
import type { Wanted } from '#domain/change.ts';
import { keysWith } from '#domain/step-needs.ts';
import { namesOf } from '#render/slack/change-card.ts';
import {
  DENY_MODAL,
  denyModal,
  EVERY_STEP,
  NARROW_MODAL,
  narrowModal,
  PROPOSE_MODAL,
} from '#render/slack/change-modals.ts';
import type { ChangeProblem } from '#render/slack/change-words.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { plain } from '#render/slack/rich.ts';
import { type Asked, type Asking, attend } from './attend.ts';
import {
  aboutValue,
  changeSentence,
  deciderOf,
  deciderOn,
  decideTools,
  groupsOf,
  parseValue,
  refuseChange,
} from './change-desk.ts';
import { chosenIn, type Opened, parseOpened, textIn, type Values } from './modal-values.ts';
import { openProposal, propose } from './propose-fix.ts';
import { replyIn, replyThrough } from './reply.ts';
import type { Desk } from './tools.ts';

type Pressed = BlockAction<ButtonAction>;
type Listener = (value: string, pressed: Pressed, asked: Asked) => Promise<void>;

const ACKNOWLEDGED_WITHIN_MS = 2000;

const TRIAL_BUTTONS: readonly (readonly [string, Wanted['what']])[] = [
  ['change:keep', 'keep'],
  ['change:revert', 'revert'],
  ['change:extend', 'extend'],
];

export function listenForChanges(app: App, desk: Desk): void {
  function on(id: string | RegExp, listener: Listener): void {
    app.action<Pressed>({ type: 'block_actions', action_id: id }, async ({ ack, body, action, respond }) => {
      await ack();
      const value = String(action.value ?? '');
      const asking: Asking = {
        key: `press ${body.trigger_id}`,
        user: body.user.id,
        about: aboutValue(action.action_id, value),
        reply: replyThrough(respond),
      };
      await attend(asking, desk, (asked) => listener(value, body, asked));
    });
  }

  on(/^fix:\d+$/, (value, pressed, asked) =>
    openProposal(value, pressed.trigger_id, openedAt(value, pressed), asked, desk),
  );

  on('change:approve', async (value, _, asked) => {
    const parsed = parseValue(value);
    if (parsed === undefined) return refuseChange(asked, 'unknown-change');
    const given = {
      ...(await deciderOn(parsed.id, 'approve', APPLY, asked, desk)),
      seen: parsed.seen,
      signature: null,
    };
    await answer(await approveChange(parsed.id, given, decideTools(desk)), asked, desk);
  });

  on('change:withdraw', async (value, _, asked) => {
    const parsed = parseValue(value);
    if (parsed === undefined) return refuseChange(asked, 'unknown-change');
    await answer(await withdrawChange(parsed.id, await deciderOf([], asked, desk), decideTools(desk)), asked, desk);
  });

  for (const [action, what] of TRIAL_BUTTONS)
    on(action, async (value, _, asked) => {
      const parsed = parseValue(value);
      if (parsed === undefined) return refuseChange(asked, 'unknown-change');
      const decider = await deciderOn(parsed.id, what === 'revert' ? 'revert' : 'approve', KEEP, asked, desk);
      await answer(await endTrial(parsed.id, what, decider, decideTools(desk)), asked, desk);
    });

  on('change:reviewed', async (value, _, asked) => {
    const parsed = parseValue(value);
    if (parsed === undefined) return refuseChange(asked, 'unknown-change');
    const decider = await deciderOn(parsed.id, 'approve', APPLY, asked, desk);
    await answer(await reviewChange(parsed.id, decider, decideTools(desk)), asked, desk);
  });

  on('change:deny', async (value, pressed, asked) => {
    const metadata = JSON.stringify(openedAt(value, pressed));
    await desk.client.views.open({ trigger_id: pressed.trigger_id, view: denyModal(metadata, asked.voice) });
  });

  on('change:narrow', async (value, pressed, asked) => {
    const parsed = parseValue(value);
    const change = parsed && (await desk.changes.store.changes.find(parsed.id));
    if (change === undefined) return refuseChange(asked, 'unknown-change');
    const metadata = JSON.stringify(openedAt(`${change.id}.${change.hash.slice(0, 12)}`, pressed));
    await desk.client.views.open({ trigger_id: pressed.trigger_id, view: narrowModal(change, metadata, asked.voice) });
  });

  /** The modal stays open with the sentence at its field when it is refused. */
  function onSubmit(
    callback: string,
    field: string,
    work: (opened: Opened, values: Values, asked: Asked) => Promise<string | undefined>,
  ): void {
    app.view({ type: 'view_submission', callback_id: callback }, async ({ ack, view, body }) => {
      const opened = parseOpened(view.private_metadata, body.user.id);
      let acknowledged = false;
      async function acknowledge(errors?: Readonly<Record<string, string>>): Promise<boolean> {
        if (acknowledged) return false;
        acknowledged = true;
        await (errors === undefined ? ack() : ack({ response_action: 'errors', errors }));
        return true;
      }
      // Slack gives up after three seconds; the form closes before that, and what is refused later is said privately.
      const late = setTimeout(() => {
        acknowledge().catch((error: unknown) => desk.log.error({ err: error }, 'a form could not be acknowledged'));
      }, ACKNOWLEDGED_WITHIN_MS);
      const asking: Asking = {
        key: `submission ${view.id} ${view.hash}`,
        user: body.user.id,
        about: aboutValue(callback, opened.value),
        reply: replyIn(opened.channel, opened.thread, body.user.id, desk),
      };
      await attend(asking, desk, async (asked) => {
        const refused = await work(opened, view.state.values, asked);
        if (refused === undefined) return;
        // The form is still open, and comes back under the same name when its mistake is mended.
        await desk.store.once.forget(asking.key);
        if (!(await acknowledge({ [field]: refused.slice(0, 300) }))) await asked.reply(sentenceMessage(refused));
      });
      clearTimeout(late);
      await acknowledge();
    });
  }

  onSubmit(PROPOSE_MODAL, 'reason', (opened, values, asked) => propose(opened, values, asked, desk));

  onSubmit(DENY_MODAL, 'reason', async ({ value }, values, asked) => {
    const parsed = parseValue(value);
    if (parsed === undefined) return changeSentence(asked, 'unknown-change');
    const decider = await deciderOn(parsed.id, 'approve', APPLY, asked, desk);
    return problemOf(await denyChange(parsed.id, decider, textIn(values, 'reason'), decideTools(desk)), asked, desk);
  });

  onSubmit(NARROW_MODAL, 'minutes', async ({ value }, values, asked) => {
    const parsed = parseValue(value);
    const change = parsed && (await desk.changes.store.changes.find(parsed.id));
    if (parsed === undefined || change === undefined) return changeSentence(asked, 'unknown-change');
    const chosen = chosenIn(values, 'steps') ?? EVERY_STEP;
    const { steps } = change.plan;
    const keys = chosen === EVERY_STEP ? steps.map(({ key }) => key) : keysWith(chosen, steps);
    const narrowed = { keys, revertMinutes: Number(chosenIn(values, 'minutes')) };
    const decider = await deciderOn(parsed.id, 'approve', APPLY, asked, desk);
    const given = { ...decider, seen: parsed.seen, signature: null, narrowed };
    return problemOf(await approveChange(parsed.id, given, decideTools(desk)), asked, desk);
  });
}

function openedAt(value: string, { channel, container, message }: Pressed): Opened {
  const thread = message?.['thread_ts'] ?? container['thread_ts'] ?? message?.ts;
  return {
    value,
    channel: channel?.id ?? String(container['channel_id']),
    thread: typeof thread === 'string' ? thread : null,
  };
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
  if (why === 'own-change' && change !== null) {
    const target = { groups: groupsOf(change.host, desk.inventory), risk: change.plan.risk, kind: SYSCTL };
    const keeps = change.state.kind === 'on-trial' && !change.breakGlass;
    const others = approversOf(desk.changes.policy, target, keeps ? KEEP : APPLY, change);
    const { mayKeep, mayApprove } = asked.voice.change.card;
    const named = [plain(keeps ? mayKeep : mayApprove), ...namesOf(others, asked.voice)];
    return asked.reply(sentenceMessage(`${changeSentence(asked, why)} `, ...named));
  }
  await refuseChange(asked, decision.why, { host: decision.change?.host ?? '', id: decision.change?.id ?? '' });
}

function problemOf(decision: Decision, asked: Asked, desk: Desk): string | undefined {
  logDecision(decision, asked, desk);
  if (decision.kind === 'done') return undefined;
  const problem: ChangeProblem = decision.why;
  return changeSentence(asked, problem, { host: decision.change?.host ?? '', id: decision.change?.id ?? '' });
}
