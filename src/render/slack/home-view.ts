/** App Home: what I wait for, what else is running, and what was found lately. */
import type { HomeView, KnownBlock } from '@slack/web-api';
import type { Check, CheckId } from '#domain/check.ts';
import type { Report } from '#domain/report.ts';
import { BrokenTextError } from '#render/broken-text.ts';
import { wordReport } from '#render/document.ts';
import { fill } from '#render/words.ts';
import { changeItems, changesPart, type ShownChanges } from './changes-status.ts';
import { tallyOf, verdictOf } from './check-card.ts';
import type { SlackVoice } from './message.ts';
import { bold, bullets, code, emoji, line, type Piece, plain, rich, time } from './rich.ts';
import { runItem } from './status.ts';

export interface ShownHome {
  /** The reader's own. */
  readonly mine: readonly Check[];
  readonly others: readonly Check[];
  readonly recent: readonly { readonly id: CheckId; readonly report: Report }[];
  readonly changes: Omit<ShownChanges, 'now'>;
  /** Ids of those that wait for the reader's approval. */
  readonly waiting: ReadonlySet<string>;
  readonly now: Date;
}

const MOST = 20;

export function homeView({ mine, others, recent, changes, waiting, now }: ShownHome, voice: SlackVoice): HomeView {
  const { home, buttons } = voice.slack;
  const { home: ownWords } = voice.change;
  const runs = (list: readonly Check[]) => list.slice(0, MOST).map((run) => runItem(run, now, voice));
  return {
    type: 'home',
    blocks: [
      rich(line(plain(home.intro))),
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: 'open-check-modal',
            style: 'primary',
            text: { type: 'plain_text', text: buttons.check },
          },
        ],
      },
      { type: 'divider' },
      part(
        ownWords.waiting,
        changeItems(
          changes.active.filter(({ id }) => waiting.has(id)),
          { ...changes, now },
          voice,
        ),
        ownWords.noneWaiting,
      ),
      rich(...changesPart({ ...changes, now }, voice)),
      { type: 'divider' },
      part(home.mine, runs(mine), home.noneMine),
      part(home.running, runs(others), home.noneRunning),
      part(
        home.recent,
        recent.slice(0, MOST).map((stored) => reportItem(stored, voice)),
        home.noneRecent,
      ),
    ],
  };
}

function part(title: string, items: readonly (readonly Piece[])[], none: string): KnownBlock {
  return rich(line(bold(title)), items.length === 0 ? line(plain(none)) : bullets(items));
}

/** One whose words this version does not have, such as an earlier version's, is named without them. */
function reportItem(stored: ShownHome['recent'][number], voice: SlackVoice): readonly Piece[] {
  try {
    return wordedItem(stored, voice);
  } catch (error) {
    if (!(error instanceof BrokenTextError)) throw error;
    const { id, report } = stored;
    return [
      ...emoji('grey_question'),
      ...plain(`${report.host}  `),
      ...time(report.startedAt),
      ...plain('  '),
      ...code(id),
    ];
  }
}

function wordedItem({ id, report }: ShownHome['recent'][number], voice: SlackVoice): readonly Piece[] {
  const document = wordReport(report, voice.vocabulary);
  const { mark, text } = verdictOf(report.host, document, voice);
  const shown =
    tallyOf(document, voice) === ''
      ? text
      : fill(voice.slack.home.line, { host: report.host, tally: tallyOf(document, voice) });
  return [...emoji(mark), ...plain(`${shown}  `), ...time(report.startedAt), ...plain('  '), ...code(id)];
}
