/** A message as Slack takes it: blocks, and the text of its notification; and how much of it fits. */
import type { KnownBlock } from '@slack/web-api';
import type { Vocabulary } from '#render/document.ts';
import type { FixWords } from '#render/fix-words.ts';
import type { KindCards } from '#render/kind-card.ts';
import { neutralise } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import type { ChangeWords } from './change-words.ts';
import { type Part, rich } from './rich.ts';
import type { SlackWords } from './slack-words.ts';

export interface SlackMessage {
  /** What a notification and a screen reader say. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Everything it takes to say something in one language. */
export interface SlackVoice {
  readonly vocabulary: Vocabulary;
  readonly slack: SlackWords;
  readonly change: ChangeWords;
  /** By the fix's id. */
  readonly fixes: ReadonlyMap<string, FixWords>;
  /** By the kind's name. */
  readonly kinds: KindCards;
  /** Where the runbook pages are, an address without a slash at its end; null = nowhere that a link could lead. */
  readonly runbooks: string | null;
}

/** Slack refuses a message near 13,000 characters, though each of its limits holds. */
export const MOST_CHARACTERS = 11_500;
const MOST_TEXT = 1000;

/** The top-level text is parsed by Slack, and must not call anybody. */
export function notification(text: string): string {
  return neutralise(text).slice(0, MOST_TEXT).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `text` is what its notification says. */
export function messageOf(text: string, ...parts: readonly Part[]): SlackMessage {
  return { text: notification(text), blocks: [rich(...parts)] };
}

export function characters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + characters(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + (name === 'text' && typeof each === 'string' ? each.length : characters(each)),
    0,
  );
}

/** As many as fit, from the first on. */
export function fitting<T>(items: readonly T[], most: number, room: number): readonly T[] {
  let left = room;
  const count = items.slice(0, most).findIndex((item) => {
    left -= characters(item);
    return left < 0;
  });
  return items.slice(0, count < 0 ? most : count);
}

/** Cut where it is too long, saying how much is missing. */
export function clip(text: string, most: number, { slack }: SlackVoice): string {
  const kept = cut(text, most);
  return kept === text ? text : kept + fill(slack.card.cut, { n: text.length - kept.length });
}

/** Not in the middle of a character that takes two units. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
