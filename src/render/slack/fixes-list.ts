/** What can be done about a host, as buttons; what cannot though it would help, with the reason; and how old the evidence is. */
import type { Button, KnownBlock } from '@slack/web-api';
import type { Change } from '#domain/change.ts';
import type { Unready } from '#domain/helper-state.ts';
import type { Blocked, Plan, Refusal } from '#domain/plan.ts';
import { cardOf } from '#render/kind-card.ts';
import { blockedText, refusalText } from '#render/refusal-text.ts';
import { unreadySentence } from '#render/unready-sentence.ts';
import { fill } from '#render/words.ts';
import { actions, button } from './elements.ts';
import { clip, notification, type SlackMessage, type SlackVoice } from './message.ts';
import { bold, bullets, code, line, type Part, plain, rich, time } from './rich.ts';

const LONGEST = 300;
/** Slack takes 25 buttons in a block. */
const MOST = 20;

export interface ShownFixes {
  readonly host: string;
  /** The check they come from. */
  readonly run: string;
  readonly checkedAt: Date;
  readonly now: Date;
  readonly isTooOld: boolean;
  readonly plans: readonly Plan[];
  readonly blocked: readonly Blocked[];
  readonly unknown: readonly { readonly fix: string }[];
  /** Why the host would not take a plan of these. */
  readonly unready: Unready | null;
  /** How many more there are, which are no matter here. */
  readonly notApplicable: number;
  /** The newest change of the host that matters: it has the host, waits for approval, or was kept after the check. */
  readonly change: {
    readonly kind: 'under-way' | 'proposed' | 'kept-since';
    readonly change: Change;
    readonly fix: string | null;
  } | null;
}

export function fixesList(shown: ShownFixes, voice: SlackVoice): SlackMessage {
  const { fixes: words } = voice.change;
  const offered = offeredOf(shown);
  const title = fill(shown.plans.length === 0 ? words.none : words.title, { host: shown.host });
  const buttons = [...fixButtons(shown.run, offered.slice(0, MOST), voice), ...againButton(shown, voice)];
  const blocks: KnownBlock[] = [
    rich(
      line(bold(title)),
      ...evidenceLines(shown, voice),
      ...changeLines(shown, voice),
      ...unreadyLines(shown, voice),
    ),
    ...actions(buttons),
    rich(...restLines(shown, voice), line(plain(words.advice))),
  ];
  return { text: notification(title), blocks };
}

/** Not what is proposed already, and nothing that would be refused when the form is filled in. */
function offeredOf({ plans, change, isTooOld }: ShownFixes): readonly string[] {
  if (isTooOld || change?.kind === 'under-way' || change?.kind === 'kept-since') return [];
  return plans.map(({ fix }) => fix).filter((fix) => fix !== change?.fix);
}

function evidenceLines({ checkedAt, now, isTooOld }: ShownFixes, voice: SlackVoice): readonly Part[] {
  const { from, age, tooOld } = voice.change.fixes;
  const minutes = Math.max(0, Math.floor((now.getTime() - checkedAt.getTime()) / 60_000));
  return [line(plain(from), time(checkedAt), plain(fill(age, { minutes }))), ...(isTooOld ? [line(bold(tooOld))] : [])];
}

function changeLines({ host, change }: ShownFixes, voice: SlackVoice): readonly Part[] {
  if (change === null) return [];
  const { underWay, proposed, changed } = voice.change.fixes;
  const { id, plan } = change.change;
  const { title } = cardOf(change.change, voice.kinds).plan(plan);
  const sentence = { 'under-way': underWay, proposed, 'kept-since': changed }[change.kind];
  return [line(plain(fill(sentence, { host, title, id })))];
}

function unreadyLines({ host, unready }: ShownFixes, voice: SlackVoice): readonly Part[] {
  return unready === null ? [] : [line(bold(unreadySentence(unready, host, voice.change)))];
}

function restLines({ host, blocked, unknown, notApplicable }: ShownFixes, voice: SlackVoice): readonly Part[] {
  const { fixes: words } = voice.change;
  const { pages, language } = voice.vocabulary;
  const items = blocked.map((each) => [
    ...code(each.fix),
    ...plain(`  ${clip(blockedText(each, words.answers, pages, { ...voice, language }), LONGEST, voice)}`),
  ]);
  const list = unknown.map(({ fix }) => fix).join(', ');
  const count = fill(words.notApplicable, { n: notApplicable, command: '/tcp fix', host });
  return [
    ...(items.length === 0 ? [] : [line(bold(words.blocked)), bullets(items)]),
    ...(list === '' ? [] : [line(plain(fill(words.unknown, { list })))]),
    ...(notApplicable === 0 ? [] : [line(plain(count))]),
  ];
}

export function refusalSentence(refusal: Refusal, voice: SlackVoice): string {
  return clip(refusalText(refusal, { ...voice, language: voice.vocabulary.language }), LONGEST, voice);
}

/** Where the evidence is no good any more, the next step is a click away. */
function againButton({ run, isTooOld, change }: ShownFixes, { slack }: SlackVoice): readonly Button[] {
  return isTooOld || change?.kind === 'kept-since' ? [button('check-again', slack.buttons.again, run)] : [];
}

/** Their value names the check and the fix; whether this person may is asked when it is pressed. */
export function fixButtons(run: string, fixes: readonly string[], voice: SlackVoice): Button[] {
  return fixes.map((fix, index) => {
    const title = voice.fixes.get(fix)?.title ?? fix;
    return button(`fix:${index}`, `${voice.change.buttons.fix}: ${title}`, `${run}.${fix}`);
  });
}
