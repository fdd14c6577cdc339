/** What the thread of a change is told, because an edit notifies nobody: each state once, each proof once. */
import type { Change } from '#domain/change.ts';
import { fill } from '#render/words.ts';
import { circle, namesOf, proofLines, type ShownChange, who } from './change-card.ts';
import { failureSentence, refusalOf } from './change-failure.ts';
import { notification, type SlackMessage, type SlackVoice } from './message.ts';
import { emoji, line, plain, rich } from './rich.ts';

export interface Telling {
  /** Remembered, so that it is said once. */
  readonly key: string;
  readonly message: SlackMessage;
  /** For the whole channel, not for the thread alone. */
  readonly loud?: true;
}

/** On their way to something that is told a moment later. */
const SILENT: readonly Change['state']['kind'][] = ['approved', 'applying'];

/** In the order they happened; those whose key was told before are for the caller to leave out. */
export function tellings(shown: ShownChange, voice: SlackVoice): readonly Telling[] {
  const { change } = shown;
  const state = SILENT.includes(change.state.kind) ? [] : [stateTelling(shown, voice)];
  const proofs = change.proofs.map((proof, index) => {
    const lines = proofLines(change, proof, voice);
    const title = voice.change.proof.verdicts[proof.verdict];
    return {
      key: `proof ${index}`,
      message: { text: notification(`${change.host}: ${title}`), blocks: [rich(...lines)] },
    };
  });
  // A trial comes before its proofs, an end after them.
  const story =
    change.state.kind === 'on-trial' || change.state.kind === 'proposed'
      ? [...state, ...proofs]
      : [...proofs, ...state];
  return [...story, ...droppedTellings(change, voice), ...reviewTellings(shown, voice)];
}

/** Somebody pressed a button and thinks that it is done. */
function droppedTellings(change: Change, voice: SlackVoice): readonly Telling[] {
  const { state } = change;
  if ((state.kind !== 'on-trial' && state.kind !== 'kept') || state.dropped === null) return [];
  const { what, by, at, why } = state.dropped;
  const { dropped } = voice.change;
  const text =
    why === undefined ? dropped[what] : fill(dropped.refused, { why: failureSentence(change, refusalOf(why), voice) });
  const message = { text: notification(text), blocks: [rich(line(who(by), plain('  '), plain(text)))] };
  return [{ key: `dropped ${at.getTime()}`, message }];
}

/** What one person did alone is said aloud to those who could have been asked, and again while nobody has looked. */
function reviewTellings({ change, approvers }: ShownChange, voice: SlackVoice): readonly Telling[] {
  const { review, state, host, reason } = change;
  if (review === null || state.kind === 'approved' || state.kind === 'applying') return [];
  const { applied, remind } = voice.change.alone;
  const say = (key: string, template: string): Telling => {
    const text = fill(template, { host, reason });
    return {
      key,
      message: {
        text: notification(text),
        blocks: [rich(line(emoji('rotating_light'), plain(text), ...circle(approvers)))],
      },
      loud: true,
    };
  };
  const reminders = Array.from({ length: review.reminders }, (_, index) => say(`remind ${index + 1}`, remind));
  return [say('alone', applied), ...reminders];
}

function stateTelling({ change, keepers }: ShownChange, voice: SlackVoice): Telling {
  const { state, host, revertMinutes: minutes, requester } = change;
  const { card } = voice.change;
  const told = fill(voice.change.told[state.kind], { host, minutes });
  const more =
    state.kind === 'reverted'
      ? ` ${voice.change.reverted[state.why]}`
      : state.kind === 'failed'
        ? ` ${failureSentence(change, state.failure, voice)}`
        : '';
  const text = notification(told + more);
  // Whoever may keep it has to hear of it; the requester may not, and is named.
  if (state.kind === 'on-trial') {
    const keep = line(plain(card.mayKeep), ...namesOf(keepers, voice));
    const blocks = [rich(line(plain(told)), keep, line(plain(card.askedBy), who(requester)))];
    return { key: state.kind, message: { text, blocks } };
  }
  const call = state.kind === 'proposed' ? [] : [...who(requester), ...plain('  ')];
  return { key: state.kind, message: { text, blocks: [rich(line(call, plain(told + more)))] } };
}
