/** The card of a change: what is to be written, who asked, who decided, how it stands, and the buttons that work now. */
import type { Button, KnownBlock } from '@slack/web-api';
import type { Circle } from '#change/policy.ts';
import type { Change, ChangeState, OrderedFreeze, Proof, Remark } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import type { Goal, Step } from '#domain/plan.ts';
import { showScalar } from '#render/fact.ts';
import { type FixWords, fillFix } from '#render/fix-words.ts';
import { fill } from '#render/words.ts';
import { failureSentence, lossSentence } from './change-failure.ts';
import { clip, notification, type SlackMessage, type SlackVoice } from './message.ts';
import { bold, bullets, code, emoji, line, type Piece, person, plain, rich, time } from './rich.ts';

/** Digits of the plan's hash that people see, and that their approval is bound to. */
export const SEEN_DIGITS = 12;

const LONGEST = 900;
const TO_COME: readonly ChangeState['kind'][] = ['proposed', 'approved', 'applying'];

const MARKS: Readonly<Record<ChangeState['kind'], string>> = {
  proposed: 'raised_hand',
  approved: 'hourglass_flowing_sand',
  applying: 'hourglass_flowing_sand',
  'on-trial': 'test_tube',
  kept: 'white_check_mark',
  reverted: 'leftwards_arrow_with_hook',
  denied: 'no_entry_sign',
  withdrawn: 'no_entry_sign',
  expired: 'hourglass',
  superseded: 'arrows_counterclockwise',
  failed: 'warning',
  'outcome-unknown': 'grey_question',
  abandoned: 'grey_question',
};

export interface ShownChange {
  readonly change: Change;
  /** Who may approve it, so that they are told; never the requester. */
  readonly approvers: Circle;
  /** Who may keep and prolong the trial. */
  readonly keepers: Circle;
  /** What an admin has frozen that its host is in. */
  readonly freezes: readonly OrderedFreeze[];
}

export function changeCard(shown: ShownChange, voice: SlackVoice): SlackMessage {
  const { change } = shown;
  const headline = changeHeadline(change, voice);
  const buttons = buttonsOf(change, voice);
  const blocks: KnownBlock[] = [
    rich(
      line(emoji(MARKS[change.state.kind]), bold(headline)),
      line(bold(fixWords(change, voice).title)),
      bullets(change.plan.steps.map((step) => stepPieces(step, voice))),
    ),
    rich(...effectLines(change, voice)),
    rich(...peopleLines(shown, voice), ...stateLines(shown, voice)),
    ...change.proofs.slice(-3).map((proof) => rich(...proofLines(change, proof, voice))),
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons }]),
    context(change, voice),
  ];
  return { text: notification(headline), blocks };
}

export function changeHeadline({ host, state }: Change, { change }: SlackVoice): string {
  return fill(change.states[state.kind], { host });
}

export function fixWords({ plan }: Pick<Change, 'plan'>, { fixes }: SlackVoice): FixWords {
  const words = fixes.get(plan.fix);
  if (words === undefined) throw new Error(`The fix ${plan.fix} has no words.`);
  return words;
}

function stepPieces({ key, from, to, scope }: Step, { change: { card } }: SlackVoice): readonly Piece[] {
  const shown = (value: string) => (value === '' ? '""' : value);
  const what =
    from === to ? fill(card.sameStep, { to: shown(to) }) : fill(card.step, { from: shown(from), to: shown(to) });
  return [...code(key), ...plain(`  ${what}${scope === 'host' ? card.hostWide : ''}`)];
}

function effectLines(change: Change, voice: SlackVoice) {
  const { effect, limits, also } = fixWords(change, voice);
  const say = (text: string) => clip(fillFix(text, change.plan.facts, voice.vocabulary.language), LONGEST, voice);
  const needed = also.map(say).filter((text) => text !== '');
  return [
    line(plain(say(effect))),
    line(plain(say(limits))),
    ...(needed.length === 0 ? [] : [line(bold(voice.change.card.also)), bullets(needed.map((text) => plain(text)))]),
  ];
}

function peopleLines({ change, approvers, freezes }: ShownChange, voice: SlackVoice) {
  const { card } = voice.change;
  const { requester, reason, approvals, needs, state, breakGlass, review } = change;
  const why = reason === '' ? [] : plain(fill(card.reason, { reason }));
  const open = state.kind === 'proposed';
  return [
    line(plain(card.askedBy), who(requester), why),
    ...approvals.map(({ by, at, signature }) =>
      line(plain(card.approvedBy), who(by), plain(signature === null ? '  ' : `${card.outside}  `), time(at)),
    ),
    ...(breakGlass ? [line(bold(card.breakGlass))] : []),
    ...(review?.done ? [line(plain(card.reviewedBy), who(review.done.by), plain('  '), time(review.done.at))] : []),
    ...(open && needs.approvals > 1
      ? [line(plain(fill(card.needs, { given: approvals.length, needed: needs.approvals })))]
      : []),
    ...(open ? [line(plain(card.mayApprove), ...namesOf(approvers, voice))] : []),
    ...(open ? freezes.map(({ group, since }) => frozenLine(group, since, voice)) : []),
  ];
}

function frozenLine(group: string, since: Date, voice: SlackVoice) {
  const { frozen } = voice.change.card;
  const said = fill(frozen, { group: groupName(group, voice), command: thawCommand(group) });
  return line(bold(said), plain('  '), time(since));
}

/** In words, where it is all of them. */
export function groupName(group: string, { change: { freeze } }: SlackVoice): string {
  return group === '*' ? freeze.all : group;
}

/** What ends a freeze. */
export function thawCommand(group: string): string {
  return group === '*' ? '/tcp freeze off' : `/tcp freeze off ${group}`;
}

/** Those who are asked to decide; a group may hold the requester, who is not one of them. */
export function namesOf(asked: Circle, { change: { card } }: SlackVoice): readonly (readonly Piece[])[] {
  const names = circle(asked);
  if (names.length === 0) return [plain(card.nobodyElse)];
  return asked.userGroups.length === 0 ? names : [...names, plain(card.notRequester)];
}

export function circle({ users, userGroups }: Circle): readonly (readonly Piece[])[] {
  const everybody: readonly (readonly Piece[])[] = [
    ...users.map((id) => person(id)),
    ...userGroups.map((id): readonly Piece[] => [{ type: 'usergroup', usergroup_id: id }]),
  ];
  return everybody.flatMap((pieces, index) => (index === 0 ? [pieces] : [plain(' '), pieces]));
}

/** Somebody of another surface has no name that Slack could show. */
export function who({ surface, id }: Actor): readonly Piece[] {
  return surface === 'slack' ? person(id) : plain(`${id} (${surface})`);
}

function stateLines({ change, keepers }: ShownChange, voice: SlackVoice) {
  const { card, reverted } = voice.change;
  const { state } = change;
  switch (state.kind) {
    case 'on-trial':
      return [
        line(plain(card.until), time(state.until), plain(card.byItself)),
        line(plain(card.mayKeep), ...namesOf(keepers, voice)),
      ];
    case 'kept':
      return [
        ...(state.by === null ? [] : [line(plain(card.keptBy), who(state.by), plain('  '), time(state.at))]),
        ...entries(state.shadowed).map(([key, file]) => line(plain(fill(card.shadowed, { key, file })))),
        ...remarkLines(state.remarks, voice),
      ];
    case 'reverted':
      return [
        ...(state.by === null ? [] : [line(plain(card.revertedBy), who(state.by), plain('  '), time(state.at))]),
        line(plain(`${reverted[state.why]}  `), state.by === null ? time(state.at) : []),
        ...entries(state.conflicts).map(([key, value]) => line(plain(fill(card.conflict, { key, value })))),
        ...remarkLines(state.remarks, voice),
      ];
    case 'denied':
      return [
        line(
          plain(card.deniedBy),
          who(state.by),
          plain(state.reason === '' ? '' : fill(card.reason, { reason: state.reason })),
        ),
      ];
    case 'withdrawn':
      return [line(plain(card.withdrawnBy), who(state.by))];
    case 'superseded':
      return [line(plain(fill(card.supersededBy, { id: state.by })))];
    case 'failed':
      return [line(plain(failureSentence(change, state.failure, voice)))];
    case 'outcome-unknown':
      return [line(plain(lossSentence(change, state.why, voice)))];
    case 'abandoned':
      return [
        line(plain(lossSentence(change, state.why, voice))),
        line(plain(card.abandonedBy), who(state.by), plain('  '), time(state.at)),
      ];
    default:
      return [];
  }
}

function remarkLines(remarks: readonly Remark[] = [], { change }: SlackVoice) {
  return remarks.map(({ what, key, value }) => line(plain(fill(change.remarks[what], { key, value }))));
}

function entries(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record);
}

export function proofLines(change: Change, proof: Proof, voice: SlackVoice) {
  const words = voice.change.proof;
  const seconds = Math.max(0, Math.round((proof.at.getTime() - appliedAt(change)) / 1000));
  const title = fill(words.title, { seconds, verdict: words.verdicts[proof.verdict] });
  return [
    line(bold(title)),
    bullets(change.plan.goals.map((goal) => plain(numberLine(change, goal, proof, voice)))),
    ...adviceLines(change, proof.verdict, seconds, voice),
  ];
}

/** Some numbers take their time: a service has to restart, a timeout to pass, somebody to keep it. */
function adviceLines({ plan, state }: Change, verdict: Proof['verdict'], seconds: number, voice: SlackVoice) {
  const words = voice.change.proof;
  const within = Math.max(0, ...plan.goals.map((goal) => goal.within));
  if (verdict === 'no-effect' && seconds < within) return [line(plain(fill(words.early, { within })))];
  const failed = verdict === 'worse' || verdict === 'no-effect';
  return failed && (state.kind === 'on-trial' || state.kind === 'kept') ? [line(plain(words.offerRevert))] : [];
}

/** A trial begins when the approval is there, within a second or two. */
function appliedAt({ approvals, proposedAt }: Change): number {
  return (approvals.at(-1)?.at ?? proposedAt).getTime();
}

function numberLine(change: Change, { number }: Goal, { after }: Proof, voice: SlackVoice): string {
  const { language } = voice.vocabulary;
  const { proof } = voice.change;
  const show = (measures: Proof['after']) => {
    const scalar = measures[number];
    const shown = scalar === undefined ? null : showScalar(scalar, language);
    return shown === null ? proof.unknown : String(shown);
  };
  const name = fixWords(change, voice).numbers[number] ?? number;
  return fill(proof.number, { name, before: show(change.plan.before), after: show(after) });
}

function buttonsOf(change: Change, voice: SlackVoice): Button[] {
  const button = buttonMaker(change);
  const { review, state } = change;
  const toReview = review !== null && review.done === null && state.kind !== 'approved' && state.kind !== 'applying';
  return [
    ...stateButtons(change, voice, button),
    ...(toReview ? [button('change:reviewed', voice.change.buttons.reviewed)] : []),
  ];
}

type ButtonMaker = (action: string, text: string, more?: Partial<Button>) => Button;

function buttonMaker({ id, hash }: Change): ButtonMaker {
  const value = `${id}.${hash.slice(0, SEEN_DIGITS)}`;
  return (action, text, more = {}) => ({
    type: 'button',
    action_id: action,
    value,
    text: { type: 'plain_text', text },
    ...more,
  });
}

function stateButtons(change: Change, voice: SlackVoice, button: ButtonMaker): Button[] {
  const { buttons } = voice.change;
  const { state } = change;
  const revert = button('change:revert', buttons.revert, { style: 'danger', confirm: confirmation('revert', voice) });
  switch (state.kind) {
    case 'proposed':
      return [
        button('change:approve', buttons.approve, { style: 'primary', confirm: confirmation('approve', voice) }),
        button('change:narrow', buttons.change),
        button('change:deny', buttons.deny, { style: 'danger' }),
        button('change:withdraw', buttons.withdraw),
      ];
    case 'on-trial':
      if (state.wanted !== null) return [];
      return [
        button('change:keep', buttons.keep, { style: 'primary' }),
        revert,
        button('change:extend', buttons.extend),
      ];
    case 'kept':
      return state.wanted === null ? [revert] : [];
    case 'failed':
    case 'expired':
    case 'reverted':
      return [{ ...button('check-again', buttons.again), value: change.run }];
    default:
      return [];
  }
}

function confirmation(what: 'approve' | 'revert', { change: { confirm } }: SlackVoice): NonNullable<Button['confirm']> {
  const label = (text: string) => ({ type: 'plain_text' as const, text });
  const { title, text, confirm: yes, deny } = confirm[what];
  return { title: label(title), text: label(text), confirm: label(yes), deny: label(deny) };
}

function context(change: Change, { change: { card } }: SlackVoice): KnownBlock {
  const { id, hash, revertMinutes: minutes, expiresAt, state } = change;
  const at = Math.floor(expiresAt.getTime() / 1000);
  const fallback = expiresAt.toISOString().replace(/T(..:..).*/, ' $1 UTC');
  const expires = `${card.expires}<!date^${at}^{time}|${fallback}>`;
  const parts = [fill(card.context, { id, hash: hash.slice(0, SEEN_DIGITS) })];
  // What is to come; a trial has the moment itself, and what is over reverts no more.
  if (TO_COME.includes(state.kind)) parts.push(fill(card.unlessKept, { minutes }));
  if (state.kind === 'proposed') parts.push(expires);
  return { type: 'context', elements: [{ type: 'mrkdwn', text: parts.join('  ·  ') }] };
}
