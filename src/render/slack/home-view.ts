/** App Home: what I wait for, what else is running, and what was found lately. */
import type { HomeView, KnownBlock } from '@slack/web-api';
import type { Check, CheckId } from '#domain/check.ts';
import type { Report } from '#domain/report.ts';
import { BrokenTextError } from '#render/broken-text.ts';
import { wordReport } from '#render/document.ts';
import { fill } from '#render/words.ts';
import { trialButtons } from './change-buttons.ts';
import { changeItems, changesPart, type ShownChanges } from './changes-status.ts';
import { type Headline, tallyOf, verdictOf } from './check-card.ts';
import { actions, label } from './elements.ts';
import type { SlackVoice } from './message.ts';
import { bold, bullets, code, emoji, line, linked, type Piece, plain, rich, time } from './rich.ts';
import { runItem } from './status.ts';

export interface ShownHome {
  /** The reader's own. */
  readonly mine: readonly Check[];
  readonly others: readonly Check[];
  readonly recent: readonly { readonly id: CheckId; readonly report: Report }[];
  readonly changes: Omit<ShownChanges, 'now'>;
  /** What the reader may do about changes that wait, by their ids. */
  readonly decisions: ReadonlyMap<string, MayDecide>;
  readonly now: Date;
}

/** `hash`: as on the change's card. */
export interface MayDecide {
  readonly hash: string;
  readonly approve: boolean;
}

const MOST = 20;

export function homeView(shown: ShownHome, voice: SlackVoice): HomeView {
  const { mine, others, recent, changes, now } = shown;
  const { home, buttons } = voice.slack;
  const runs = (list: readonly Check[]) => list.slice(0, MOST).map((run) => runItem(run, now, voice));
  return {
    type: 'home',
    blocks: [
      rich(line(plain(home.intro))),
      ...actions([{ type: 'button', action_id: 'open-check-modal', style: 'primary', text: label(buttons.check) }]),
      { type: 'divider' },
      ...decisionBlocks(shown, voice),
      rich(...changesPart({ ...changes, now }, voice)),
      { type: 'divider' },
      part(home.mine, runs(mine), home.noneMine),
      part(home.running, runs(others), home.noneRunning),
      part(
        home.recent,
        recent.slice(0, MOST).map((stored) => reportItem(stored, changes.links?.get(stored.id), voice)),
        home.noneRecent,
      ),
    ],
  };
}

function part(title: string, items: readonly (readonly Piece[])[], none: string): KnownBlock {
  return rich(line(bold(title)), items.length === 0 ? line(plain(none)) : bullets(items));
}

/** Each trial with its buttons. */
function decisionBlocks({ changes, decisions, now }: ShownHome, voice: SlackVoice): readonly KnownBlock[] {
  const { waiting, noneWaiting } = voice.change.home;
  const open = changes.active.filter(({ id }) => decisions.has(id)).slice(0, MOST);
  if (open.length === 0) return [part(waiting, [], noneWaiting)];
  return [
    rich(line(bold(waiting))),
    ...open.flatMap((change) => {
      const { hash = '', approve = false } = decisions.get(change.id) ?? {};
      const buttons = trialButtons({ change, hash }, voice);
      const shown = buttons.filter((button) => approve || button.action_id !== 'change:keep');
      return [rich(bullets(changeItems([change], { ...changes, now }, voice))), ...actions(shown)];
    }),
  ];
}

function reportItem(stored: ShownHome['recent'][number], url: string | undefined, voice: SlackVoice): readonly Piece[] {
  const { id, report } = stored;
  const { mark, text } = worded(report, voice);
  return [emoji(mark), linked(url, text), plain('  '), time(report.startedAt), plain('  '), code(id)].flat();
}

/** One whose words this version does not have, such as an earlier version's, is named without them. */
function worded(report: Report, voice: SlackVoice): Headline {
  const { host } = report;
  try {
    const document = wordReport(report, voice.vocabulary);
    const { mark, text } = verdictOf(host, document, voice);
    const tally = tallyOf(document, voice);
    return { mark, text: tally === '' ? text : fill(voice.slack.home.line, { host, tally }) };
  } catch (error) {
    if (!(error instanceof BrokenTextError)) throw error;
    return { mark: 'grey_question', text: host };
  }
}
