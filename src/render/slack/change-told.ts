/** What the thread of a change is told, because an edit notifies nobody: each stage once, each proof once. */
import { isBeginning } from '#change/decide.ts';
import { type Change, gateOf, isProposal, type Proof, trialOf, type Wish } from '#domain/change.ts';
import { failureOf } from '#domain/change-failure.ts';
import { cardOf, isToldByGate, stageKey, toldSentence } from '#render/kind-card.ts';
import { joinSentences } from '#render/wording.ts';
import { fill } from '#render/words.ts';
import { effectLines, proofLines, remarkTexts, waitText } from './change-card.ts';
import { failureSentence } from './change-failure.ts';
import { messageOf, type SlackMessage, type SlackVoice } from './message.ts';
import { circle, who, whoMay } from './names.ts';
import { emoji, line, type Part, plain, time } from './rich.ts';
import { type ShownChange, wayBackOf } from './shown-change.ts';

export interface Telling {
  /** Remembered, so that it is said once. */
  readonly key: string;
  readonly message: SlackMessage;
  /** For the whole channel, not for the thread alone. */
  readonly loud?: true;
  /** The card looks different by it. */
  readonly redraws?: true;
}

/** In the order they happened; those whose key was told before are for the caller to leave out. */
export function tellings(shown: ShownChange, voice: SlackVoice): readonly Telling[] {
  const { change } = shown;
  const state = stateTellings(shown, voice);
  const proofs = change.proofs.map((proof, index) => proofTelling(change, proof, index, voice));
  // A trial comes before its proofs, an end after them.
  const story = change.state.kind === 'waiting' ? [...state, ...proofs] : [...proofs, ...state];
  return [
    ...story,
    ...reminderTellings(shown, voice),
    ...droppedTellings(change, voice),
    ...reviewTellings(shown, voice),
    ...takenBackTellings(shown, voice),
  ];
}

function proofTelling(change: Change, proof: Proof, index: number, voice: SlackVoice): Telling {
  const text = `${change.host}: ${voice.change.proof.verdicts[proof.verdict]}`;
  return { key: `proof ${index}`, message: messageOf(text, ...proofLines(change, proof, voice)) };
}

/** Somebody pressed a button and thinks that it is done. */
function droppedTellings(change: Change, voice: SlackVoice): readonly Telling[] {
  const { state } = change;
  if (state.kind !== 'waiting' || state.dropped === null) return [];
  const { what, by, at, why } = state.dropped;
  const { dropped } = voice.change;
  const known = Object.hasOwn(dropped, what);
  const sentence = known ? dropped[what as keyof typeof dropped] : dropped.gate;
  const hint = known ? [dropped.again] : [];
  const reason = why === undefined ? hint : [failureSentence(change, failureOf(why), voice)];
  const text = joinSentences([sentence, ...reason]);
  return [{ key: `dropped ${at.getTime()}`, message: messageOf(text, line(who(by), plain('  '), plain(text))) }];
}

/** What one person did alone is said aloud to those who could have been asked, and again while nobody has looked. */
function reviewTellings({ change, reviewers }: ShownChange, voice: SlackVoice): readonly Telling[] {
  const { review, host, reason } = change;
  if (review === null || isBeginning(change)) return [];
  const { applied, remind } = voice.change.alone;
  const say = (key: string, template: string): Telling => {
    const text = fill(template, { host, reason });
    const message = messageOf(text, line(emoji('rotating_light'), plain(text), ...circle(reviewers)));
    return { key, message, loud: true };
  };
  const reminders = Array.from({ length: review.reminders }, (_, index) => say(`remind ${index + 1}`, remind));
  return [say('alone', applied), ...reminders];
}

/** None on the way to something that is told a moment later. A proposal's card itself says that it waits. */
function stateTellings(shown: ShownChange, voice: SlackVoice): readonly Telling[] {
  const { change } = shown;
  const { state, requester } = change;
  const key = stageKey(change);
  if (state.kind === 'queued') return waitTellings(shown, voice);
  if (state.kind === 'working') return workTellings(shown, voice);
  const text = toldSentence(change, voice.kinds, voice.change);
  if (text === undefined || isProposal(change)) return [];
  if (state.kind === 'waiting') return [gateTelling(shown, key, text, voice)];
  const why = whyOf(change, voice);
  const lines = [line(who(requester), plain('  '), plain(text)), ...why.map((each) => line(plain(each)))];
  return [{ key, message: messageOf(joinSentences([text, ...why]), ...lines) }];
}

/** What is approved waits for its host, and until when. */
function waitTellings({ change, waitsUntil }: ShownChange, voice: SlackVoice): readonly Telling[] {
  const text = waitText(change, voice);
  if (text === undefined || change.state.kind !== 'queued') return [];
  const { holder, away } = change.state;
  const until = waitsUntil === null ? [] : [line(plain(voice.change.card.waitsUntil), time(waitsUntil))];
  const message = messageOf(text, line(who(change.requester), plain('  '), plain(text)), ...until);
  return [{ key: `waits ${holder ?? away}`, message }];
}

/** Each stage of long work as it comes, and who wants its end. */
function workTellings({ change, progress }: ShownChange, voice: SlackVoice): readonly Telling[] {
  const { state } = change;
  if (state.kind !== 'working') return [];
  const stage = progress.line === '' ? undefined : cardOf(change, voice.kinds).stage?.(progress.line);
  const gate = gateOf(change)?.name ?? '';
  const reached = stage && {
    key: `stage ${gate} ${stage.key}`,
    message: messageOf(stage.text, line(plain(stage.text))),
  };
  return [...(reached ? [reached] : []), ...cancelTellings(state.wish, voice)];
}

function cancelTellings(wish: Wish | null, voice: SlackVoice): readonly Telling[] {
  if (wish?.what !== 'cancel') return [];
  const { cancelling } = voice.change.card;
  return [
    { key: `cancel ${wish.at.getTime()}`, message: messageOf(cancelling, line(plain(cancelling), who(wish.by))) },
  ];
}

/** Those who may open the gate have to hear of it; the requester may not, and is named. */
function gateTelling(shown: ShownChange, key: string, text: string, voice: SlackVoice): Telling {
  const { change, approvers } = shown;
  const { card } = voice.change;
  const message = messageOf(
    text,
    line(plain(text)),
    line(...whoMay(change, approvers, voice)),
    line(plain(card.askedBy), who(change.requester)),
    ...untilLines(change, voice),
    ...(trialOf(change) === undefined ? [] : effectLines(change, voice)),
  );
  return { key, message };
}

/** Until when the gate is open, or the host waits. */
function untilLines(change: Change, { change: { card } }: SlackVoice): readonly Part[] {
  const trial = trialOf(change);
  if (trial?.reverts != null) return [line(plain(card.until), time(trial.reverts), plain(card.byItself))];
  const expiresAt = gateOf(change)?.expiresAt;
  return expiresAt == null ? [] : [line(plain(card.openUntil), time(expiresAt))];
}

/** Nobody has decided, and there is little time left. */
function reminderTellings({ change, closesSoon, approvers }: ShownChange, voice: SlackVoice): readonly Telling[] {
  const expiresAt = gateOf(change)?.expiresAt;
  if (!closesSoon || change.state.kind !== 'waiting' || expiresAt == null) return [];
  const text = fill(voice.change.card.closesSoon, { host: change.host });
  const message = messageOf(text, line(plain(text), time(expiresAt)), line(...whoMay(change, approvers, voice)));
  return [{ key: `closes ${gateOf(change)?.name}`, message }];
}

function whyOf(change: Change, voice: SlackVoice): readonly string[] {
  const { state } = change;
  if (state.kind !== 'ended' || isToldByGate(change, voice.kinds)) return [];
  if (state.end.how === 'undone')
    return [voice.change.reverted[state.end.why], ...remarkTexts(state.end.remarks, voice)];
  return state.end.how === 'failed' ? [failureSentence(change, state.end.failure, voice)] : [];
}

/** Of what was kept: somebody wants it back, and then it is, or stays after all. */
function takenBackTellings(shown: ShownChange, voice: SlackVoice): readonly Telling[] {
  const { taker } = shown;
  if (taker === null) return [];
  const way = wayBackOf(taker);
  const text = fill(voice.change.card[way], { id: taker.id });
  return [{ key: `${way} ${taker.id}`, message: messageOf(text, line(plain(text))), redraws: true }];
}
