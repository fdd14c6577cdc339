/** The buttons of a change that work now. */
import type { Button } from '@slack/web-api';
import { isBeginning } from '#change/decide.ts';
import { type Change, isKept, isPending, isProposal, trialOf } from '#domain/change.ts';
import { cardOf, gateWords } from '#render/kind-card.ts';
import { button as buttonOf, confirmation } from './elements.ts';
import type { SlackVoice } from './message.ts';
import { type ShownChange, wayBackOf } from './shown-change.ts';

/** Digits of the bound text's hash that people see, and that their approval is bound to. */
export const SEEN_DIGITS = 12;

/** Keep and Revert, where a trial has its own place; none where it is being ended already. */
export function trialButtons(shown: Pick<ShownChange, 'change' | 'hash'>, voice: SlackVoice): Button[] {
  const { change } = shown;
  const trial = trialOf(change);
  if (trial === undefined || trial.wish !== null) return [];
  const button = buttonMaker(shown);
  return [approveButton(change, 'change:keep', voice, button), revertButton('revert', change, voice, button)];
}

type ButtonMaker = (action: string, text: string, more?: Partial<Button>) => Button;

export function buttonsOf(shown: ShownChange, voice: SlackVoice): Button[] {
  const button = buttonMaker(shown);
  const { review } = shown.change;
  const toReview = review !== null && review.done === null && !isBeginning(shown.change);
  return [
    ...stateButtons(shown, voice, button),
    ...(toReview ? [button('change:reviewed', voice.change.buttons.reviewed)] : []),
  ];
}

function buttonMaker({ change: { id }, hash }: Pick<ShownChange, 'change' | 'hash'>): ButtonMaker {
  const value = `${id}.${hash.slice(0, SEEN_DIGITS)}`;
  return (action, text, more) => buttonOf(action, text, value, more);
}

function stateButtons(shown: ShownChange, voice: SlackVoice, button: ButtonMaker): Button[] {
  const { buttons } = voice.change;
  const { change } = shown;
  const { state } = change;
  if (state.kind === 'waiting') return waitingButtons(change, voice, button);
  if (state.kind === 'queued') return isHeldUp(shown) ? callOffButtons(voice, button) : [];
  if (state.kind === 'working') return state.wish === null ? cancelButton(change, voice, button) : [];
  if (state.kind !== 'ended') return [];
  switch (state.end.how) {
    case 'done':
      return isKept(change) && maySendBack(shown) ? [revertButton('takeBack', change, voice, button)] : [];
    case 'failed':
    case 'expired':
    case 'undone':
      return [{ ...button('check-again', buttons.again), value: change.run }];
    default:
      return [];
  }
}

function maySendBack({ taker }: ShownChange): boolean {
  return taker === null || wayBackOf(taker) === 'notTakenBack';
}

function waitingButtons(change: Change, voice: SlackVoice, button: ButtonMaker): Button[] {
  const { buttons } = voice.change;
  const trial = trialOf(change);
  if (trial?.wish != null) return [];
  const gate = approveButton(change, trial === undefined ? 'change:approve' : 'change:keep', voice, button);
  if (trial !== undefined)
    return [gate, revertButton('revert', change, voice, button), button('change:extend', buttons.extend)];
  return [
    gate,
    ...(isProposal(change) && change.reverts === null ? [button('change:narrow', buttons.change)] : []),
    ...callOffButtons(voice, button),
  ];
}

/** What is approved and can begin does so in a moment; what waits for its host, or for files, may do so for hours. */
function isHeldUp({ change, progress }: ShownChange): boolean {
  const { state } = change;
  if (state.kind !== 'queued' || !isPending(change)) return false;
  return state.holder !== null || state.away !== null || progress.line !== '';
}

function callOffButtons({ change: { buttons } }: SlackVoice, button: ButtonMaker): Button[] {
  return [button('change:deny', buttons.deny, { style: 'danger' }), button('change:withdraw', buttons.withdraw)];
}

function approveButton(change: Change, action: string, voice: SlackVoice, button: ButtonMaker): Button {
  const words = gateWords(change, voice.kinds);
  const confirm = words?.confirm && { confirm: confirmation(words.confirm) };
  return button(action, words?.approve ?? voice.change.buttons.approve, { style: 'primary', ...confirm });
}

/** In the words of the kind, where it has some. */
function revertButton(what: 'revert' | 'takeBack', shown: Change, voice: SlackVoice, button: ButtonMaker): Button {
  const own = cardOf(shown, voice.kinds).words[what];
  const { buttons, confirm: questions } = voice.change;
  const confirm = confirmation(own?.confirm ?? questions[what]);
  const action = what === 'revert' ? 'change:revert' : 'change:take-back';
  return button(action, own?.button ?? buttons[what], { style: 'danger', confirm });
}

function cancelButton(change: Change, voice: SlackVoice, button: ButtonMaker): Button[] {
  const cancel = gateWords(change, voice.kinds)?.cancel;
  if (cancel === undefined) return [];
  return [button('change:cancel', cancel.button, { style: 'danger', confirm: confirmation(cancel.confirm) })];
}
