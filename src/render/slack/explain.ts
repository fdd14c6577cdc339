/** A runbook page in Slack, as much of it as fits, and the list of everything that can be found. */
import type { KnownBlock } from '@slack/web-api';
import type { Topic } from '#render/page.ts';
import { fill } from '#render/words.ts';
import { sectionsOf } from './markdown-rich.ts';
import {
  characters,
  fitting,
  MOST_CHARACTERS,
  messageOf,
  notification,
  type SlackMessage,
  type SlackVoice,
} from './message.ts';
import { bold, bullets, code, line, link, plain, rich } from './rich.ts';
import { runbookAddress } from './runbook.ts';

/** By the order of the pages' headings: Meaning, Impact, Evidence, Fix, What not to do, Verify, Undo, References. */
const FIRST_SECTIONS = [0, 3, 4, 5, 1, 2, 6] as const;
const RESERVED = 600;

export function explainMessage(id: string, { wording, body }: Topic, voice: SlackVoice): SlackMessage {
  const url = runbookAddress(id, voice);
  const sections = sectionsOf(body, (href) => absolute(href, url));
  const wanted = FIRST_SECTIONS.flatMap((index) => sections[index] ?? []);
  let room = MOST_CHARACTERS - RESERVED;
  const shown: KnownBlock[] = [];
  const left: string[] = [];
  for (const { title, parts } of wanted) {
    const section = rich(line(bold(title)), ...parts);
    if (left.length > 0 || characters(section) > room) {
      left.push(title);
      continue;
    }
    shown.push(section);
    room -= characters(section);
  }
  const { explain } = voice.slack;
  const more = left.length === 0 ? [] : plain(`${fill(explain.more, { n: left.length })}${left.join(', ')}  `);
  return {
    text: notification(wording.title),
    blocks: [
      rich(line(bold(wording.title))),
      ...shown,
      rich(line(more, url === undefined ? inTerminal(id, voice) : link(url, explain.whole))),
    ],
  };
}

function inTerminal(id: string, { slack: { explain } }: SlackVoice) {
  return [...plain(explain.terminal), ...code(`tcp-oncall explain ${id}`)];
}

/** Pages link each other by relative paths; a site's own may link anything, and Slack takes web pages only. */
function absolute(href: string, page: string | undefined): string | undefined {
  if (href.startsWith('#') || !URL.canParse(href, page)) return undefined;
  const url = new URL(href, page);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

/** Without an address for the pages, each name is what to type. */
export function explainList(voice: SlackVoice): SlackMessage {
  const pages = [...voice.vocabulary.pages];
  const items = pages.map(([id, { wording }]) => {
    const address = runbookAddress(id, voice);
    return [...(address === undefined ? code(id) : link(address, id)), ...plain(`  ${wording.title}`)];
  });
  const shown = fitting(items, items.length, MOST_CHARACTERS);
  const { explain, hosts } = voice.slack;
  const title = fill(explain.title, { n: pages.length });
  const rest = items.length - shown.length;
  const more = rest === 0 ? [] : [line(plain(fill(hosts.more, { n: rest })))];
  return messageOf(title, line(bold(title)), bullets(shown), ...more, line(plain(explain.read)));
}
