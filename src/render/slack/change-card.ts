/** The card of a change: how it stands, what is to be done, who asked and decided, what came of it, and the buttons that work now. */
import type { KnownBlock } from '@slack/web-api';
import { type Change, gateOf, isProposal, type Proof, type Remark, trialOf } from '#domain/change.ts';
import { cardOf, isToldByGate, planOf, progressText, stageSentence, toldSentence } from '#render/kind-card.ts';
import { proofNumbers, proofTitle, secondsInto } from '#render/proof-text.ts';
import { fill } from '#render/words.ts';
import { buttonsOf, SEEN_DIGITS } from './change-buttons.ts';
import { failureSentence, lossSentence } from './change-failure.ts';
import { actions } from './elements.ts';
import { clip, notification, type SlackMessage, type SlackVoice } from './message.ts';
import { who, whoMay } from './names.ts';
import { bold, bullets, code, emoji, line, type Part, type Piece, plain, rich, time } from './rich.ts';
import { type ShownChange, wayBackOf } from './shown-change.ts';

const LONGEST = 900;
const MOST_PROOFS = 3;

const END_MARKS = {
  done: 'white_check_mark',
  undone: 'leftwards_arrow_with_hook',
  denied: 'no_entry_sign',
  withdrawn: 'no_entry_sign',
  expired: 'hourglass',
  superseded: 'arrows_counterclockwise',
  failed: 'warning',
  abandoned: 'grey_question',
} as const;

export function changeCard(shown: ShownChange, voice: SlackVoice): SlackMessage {
  const { change } = shown;
  const headline = changeHeadline(change, voice);
  const plan = planOf(change, voice.kinds);
  const blocks: KnownBlock[] = [
    rich(
      line(emoji(markOf(change)), bold(headline), ...deadline(change, voice)),
      line(bold(plan.title), ...takesBack(change, voice)),
      bullets(plan.steps.map(({ name, text }) => [...code(name), ...plain(`  ${text}`)])),
    ),
    ...body(shown, voice),
    ...actions(buttonsOf(shown, voice)),
    ...(isProposal(change) ? [] : [rich(...peopleLines(change, voice))]),
    context(shown, voice),
  ];
  return { text: notification(headline), blocks };
}

/** What a decision needs; afterwards the thread has the effect and limits, and what came of it is here instead. */
function body(shown: ShownChange, voice: SlackVoice): readonly KnownBlock[] {
  const { change } = shown;
  const parts = isProposal(change)
    ? [effectLines(change, voice), [...peopleLines(change, voice), ...gateLines(shown, voice)]]
    : [stateLines(shown, voice), newestProof(change, voice), gateLines(shown, voice)];
  return parts.filter((lines) => lines.length > 0).map((lines) => rich(...lines));
}

/** The newest one whole; of those before it the verdict. */
function newestProof(change: Change, voice: SlackVoice): readonly Part[] {
  const earlier = change.proofs.slice(-MOST_PROOFS, -1);
  return [
    ...earlier.map((proof) => line(plain(proofTitle(change, proof, voice.change)))),
    ...change.proofs.slice(-1).flatMap((proof) => proofLines(change, proof, voice)),
  ];
}

export function changeHeadline(change: Change, { kinds, change: words }: SlackVoice): string {
  return stageSentence(change, kinds, words);
}

function markOf(change: Change): string {
  const { state } = change;
  if (state.kind === 'ended') return END_MARKS[state.end.how];
  if (state.kind === 'unclear') return 'grey_question';
  if (state.kind !== 'waiting') return 'hourglass_flowing_sand';
  return state.reverts === null ? 'raised_hand' : 'test_tube';
}

function deadline(change: Change, { change: { card } }: SlackVoice): readonly (readonly Piece[])[] {
  const { state } = change;
  if (state.kind !== 'waiting') return [];
  if (state.reverts !== null) return [plain(`  ·  ${card.until}`), time(state.reverts), plain(card.byItself)];
  const expires = gateOf(change)?.expiresAt;
  return expires ? [plain(`  ·  ${card.expires}`), time(expires)] : [];
}

function takesBack({ reverts }: Change, { change: { card } }: SlackVoice): readonly (readonly Piece[])[] {
  return reverts === null ? [] : [plain(`  ${fill(card.takesBack, { id: reverts })}`)];
}

export function effectLines(change: Change, voice: SlackVoice): readonly Part[] {
  const { effects, also } = planOf(change, voice.kinds);
  return [
    ...effects.map((text) => line(plain(clip(text, LONGEST, voice)))),
    ...(also.length === 0
      ? []
      : [line(bold(voice.change.card.also)), bullets(also.map((text) => plain(clip(text, LONGEST, voice))))]),
  ];
}

function peopleLines(change: Change, voice: SlackVoice): readonly Part[] {
  const { card } = voice.change;
  const { requester, reason, breakGlass, review } = change;
  return [
    line(plain(card.askedBy), who(requester), plain(reason === '' ? '' : fill(card.reason, { reason }))),
    ...approvalLines(change, voice),
    ...(breakGlass ? [line(bold(card.breakGlass))] : []),
    ...(review?.done ? [line(plain(card.reviewedBy), who(review.done.by), plain('  '), time(review.done.at))] : []),
  ];
}

function approvalLines({ gates, kind }: Change, voice: SlackVoice): readonly Part[] {
  const { card } = voice.change;
  const words = cardOf({ kind }, voice.kinds).words.gates;
  return gates.flatMap(({ name, approvals }) =>
    approvals.map(({ by, at, signature }) =>
      line(
        plain(words[name]?.by ?? card.approvedBy),
        who(by),
        plain(signature === null ? '  ' : `${card.outside}  `),
        time(at),
      ),
    ),
  );
}

/** Whom the open gate waits for, and what keeps it closed. */
function gateLines({ change, approvers, freezes }: ShownChange, voice: SlackVoice): readonly Part[] {
  const gate = gateOf(change);
  if (change.state.kind !== 'waiting' || gate === undefined) return [];
  const { card } = voice.change;
  const { approvals, outside } = gate.needs;
  return [
    ...(approvals > 1 ? [line(plain(fill(card.needs, { given: gate.approvals.length, needed: approvals })))] : []),
    line(...whoMay(change, approvers, voice)),
    ...(outside ? [line(plain(fill(card.outsideOnly, { command: terminalCommand(change, gate.name) })))] : []),
    ...(isProposal(change) ? freezes.map(({ group, since }) => frozenLine(group, since, voice)) : []),
  ];
}

function terminalCommand({ id }: Change, gate: string): string {
  return `tcp-oncall ${gate === 'keep' ? 'keep' : 'approve'} ${id}`;
}

function frozenLine(group: string, since: Date, voice: SlackVoice): Part {
  const { frozen } = voice.change.card;
  const said = fill(frozen, { group: groupName(group, voice), command: thawCommand(group) });
  return line(bold(said), time(since));
}

/** In words, where it is all of them. */
export function groupName(group: string, { change: { freeze } }: SlackVoice): string {
  return group === '*' ? freeze.all : group;
}

/** What ends a freeze. */
export function thawCommand(group: string): string {
  return group === '*' ? '/tcp freeze off' : `/tcp freeze off ${group}`;
}

function wayBackLines(taker: Change | null, { change: { card } }: SlackVoice): readonly Part[] {
  if (taker === null || wayBackOf(taker) === 'notTakenBack') return [];
  return [line(plain(fill(card[wayBackOf(taker)], { id: taker.id })))];
}

/** How the work under way was last heard of. */
function progressLines({ change, progress: { line: said, silentSince } }: ShownChange, voice: SlackVoice) {
  const { card } = voice.change;
  const text = progressText(change, said, voice.kinds, voice.change);
  const host = gateOf(change)?.host ?? '';
  return [
    ...(text === '' ? [] : [line(plain(text))]),
    ...(silentSince === null
      ? []
      : [line(plain(fill(card.silent, { host })), time(silentSince), plain(card.silentGoesOn))]),
  ];
}

function stateLines(shown: ShownChange, voice: SlackVoice): readonly Part[] {
  const { card, reverted } = voice.change;
  const { change, taker } = shown;
  const { state } = change;
  const waits = waitText(change, voice);
  if (waits !== undefined) return [line(plain(waits)), ...waitUntilLines(shown, voice), ...progressLines(shown, voice)];
  if (state.kind === 'working' && state.wish?.what === 'cancel')
    return [line(plain(card.cancelling), who(state.wish.by)), ...progressLines(shown, voice)];
  const progress = progressLines(shown, voice);
  if (progress.length > 0) return progress;
  if (state.kind === 'unclear') return [line(plain(lossSentence(change, state.why, voice)))];
  if (state.kind !== 'ended') return [];
  const { end, at } = state;
  switch (end.how) {
    case 'done':
      return [...remarkLines(end.remarks, voice), ...wayBackLines(taker, voice)];
    case 'undone':
      if (isToldByGate(change, voice.kinds))
        return [line(plain(toldSentence(change, voice.kinds, voice.change) ?? ''))];
      return [
        end.by === null
          ? line(plain(`${reverted[end.why]}  `), time(at))
          : line(plain(card.revertedBy), who(end.by), plain('  '), time(at)),
        ...remarkLines(end.remarks, voice),
      ];
    case 'denied': {
      const reason = end.reason === '' ? '' : fill(card.reason, { reason: end.reason });
      return [line(plain(card.deniedBy), who(end.by), plain(reason))];
    }
    case 'withdrawn':
      return [line(plain(card.withdrawnBy), who(end.by))];
    case 'superseded':
      return [line(plain(fill(card.supersededBy, { id: end.by })))];
    case 'failed':
      return [line(plain(failureSentence(change, end.failure, voice)))];
    case 'abandoned':
      return [
        line(plain(lossSentence(change, end.why, voice))),
        line(plain(card.abandonedBy), who(end.by), plain('  '), time(at)),
      ];
    case 'expired':
      return [];
  }
}

/** What is approved waits for the change that has the host, or for a host that does not answer. Undefined where nothing waits. */
export function waitText(change: Change, { change: { card } }: SlackVoice): string | undefined {
  const { state } = change;
  if (state.kind !== 'queued') return undefined;
  if (state.holder !== null) return fill(card.waitsFor, { host: gateOf(change)?.host ?? '', id: state.holder });
  return state.away === null ? undefined : fill(card.away, { host: state.away });
}

function waitUntilLines({ waitsUntil }: ShownChange, { change: { card } }: SlackVoice): readonly Part[] {
  return waitsUntil === null ? [] : [line(plain(card.waitsUntil), time(waitsUntil))];
}

function remarkLines(remarks: readonly Remark[], voice: SlackVoice): readonly Part[] {
  return remarkTexts(remarks, voice).map((text) => line(plain(text)));
}

export function remarkTexts(remarks: readonly Remark[], { change }: SlackVoice): readonly string[] {
  return remarks.map(({ what, key, value }) => fill(change.remarks[what], { key, value }));
}

export function proofLines(change: Change, proof: Proof, voice: SlackVoice): readonly Part[] {
  const [felt, ...counters] = proofNumbers(change, proof, voice.kinds, voice.change);
  return [
    line(bold(proofTitle(change, proof, voice.change))),
    ...(felt === undefined ? [] : [line(bold(felt))]),
    ...(counters.length === 0 ? [] : [bullets(counters.map((text) => plain(text)))]),
    ...adviceLines(change, proof, voice),
  ];
}

/** Some numbers take their time: a service has to restart, a timeout to pass, somebody to keep it. */
function adviceLines(change: Change, proof: Proof, voice: SlackVoice): readonly Part[] {
  const { verdict } = proof;
  const words = voice.change.proof;
  const within = cardOf(change, voice.kinds).within(change.plan);
  if (verdict === 'no-effect' && secondsInto(change, proof) < within)
    return [line(plain(fill(words.early, { within })))];
  const failed = verdict === 'worse' || verdict === 'no-effect';
  const { state } = change;
  const revertible = trialOf(change) !== undefined || (state.kind === 'ended' && state.end.how === 'done');
  return failed && revertible ? [line(plain(words.offerRevert))] : [];
}

/** What is to come: a trial has the moment itself, and what is over reverts no more. */
function context({ change, hash }: ShownChange, { change: { card } }: SlackVoice): KnownBlock {
  const { id, revertMinutes: minutes, reverts, state, gates } = change;
  const parts = [fill(card.context, { id, hash: hash.slice(0, SEEN_DIGITS) })];
  const comes = state.kind !== 'ended' && state.kind !== 'unclear' && state.reverts === null;
  if (comes && reverts === null && gates.length > 1) parts.push(fill(card.unlessKept, { minutes }));
  return { type: 'context', elements: [{ type: 'mrkdwn', text: parts.join('  ·  ') }] };
}
