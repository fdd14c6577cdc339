/** What the thread of a change is told of a file that was kept with it, such as the log of a build. */
import type { Change } from '#domain/change.ts';
import { neutralise } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import { messageOf, type SlackMessage, type SlackVoice } from './message.ts';
import { line, type Part, plain } from './rich.ts';

/** The last lines of it say why work failed. */
const LAST_LINES = 20;
const LONGEST_LINE = 300;

export interface ShownFile {
  readonly title: string;
  readonly content: Buffer;
}

/** It stands above as a file. */
export function keptFileMessage(change: Change, { title, content }: ShownFile, voice: SlackVoice): SlackMessage {
  const text = fill(voice.change.card.log, { title, kib: Math.ceil(content.length / 1024) });
  return messageOf(text, line(plain(text)), ...(hasFailed(change) ? lastLines(content) : []));
}

/** `why`: a code, and what it is about. */
export function missedFileMessage(title: string, why: string, voice: SlackVoice): SlackMessage {
  const text = fill(voice.change.card.logMissed, { title, why });
  return messageOf(text, line(plain(text)));
}

function hasFailed({ state }: Change): boolean {
  return state.kind === 'ended' && state.end.how === 'failed';
}

/** Of as much of its end as can hold them. */
function lastLines(content: Buffer): readonly Part[] {
  const end = content.subarray(-LAST_LINES * LONGEST_LINE).toString('utf8');
  const lines = end.trimEnd().split('\n').slice(-LAST_LINES);
  const text = lines.map((each) => neutralise(each).slice(0, LONGEST_LINE)).join('\n');
  return text.trim() === '' ? [] : [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }];
}
