/** What a person typed after /tcp, or after the bot's name, as one of the things it can do. Pure; never throws. */
import { parseDuration } from '#domain/duration.ts';

export type Command =
  | { readonly kind: 'check'; readonly host: string; readonly interval: number }
  | { readonly kind: 'check-without-host' }
  | { readonly kind: 'bad-interval'; readonly word: string }
  | { readonly kind: 'explain'; readonly id: string | null }
  | { readonly kind: 'cancel'; readonly target: string | null }
  | { readonly kind: 'fix'; readonly host: string; readonly name: string | null }
  | { readonly kind: 'freeze'; readonly on: boolean; readonly group: string }
  | { readonly kind: 'unlock'; readonly host: string }
  | { readonly kind: 'hosts' | 'status' | 'help' }
  | { readonly kind: 'unknown'; readonly word: string };

export const VERBS = ['check', 'fix', 'explain', 'hosts', 'status', 'cancel', 'freeze', 'unlock', 'help'] as const;

/** Whole seconds between the samples, as on the command line. */
const USUAL_INTERVAL = 5;
const LONGEST_INTERVAL = 60;
const LONGEST_TEXT = 500;

export function parseCommand(text: string): Command {
  const [verb = 'help', ...rest] = words(text);
  switch (verb.toLowerCase()) {
    case 'check':
      return check(rest);
    case 'fix':
      return rest[0] === undefined
        ? { kind: 'check-without-host' }
        : { kind: 'fix', host: rest[0], name: rest[1] ?? null };
    case 'freeze':
      return {
        kind: 'freeze',
        on: rest[0]?.toLowerCase() !== 'off',
        group: (rest[0] && /^(on|off)$/i.test(rest[0]) ? rest[1] : rest[0]) ?? '*',
      };
    case 'unlock':
      return rest[0] === undefined ? { kind: 'check-without-host' } : { kind: 'unlock', host: rest[0] };
    case 'explain':
      return { kind: 'explain', id: rest[0] ?? null };
    case 'cancel':
      return { kind: 'cancel', target: rest[0] ?? null };
    case 'hosts':
    case 'status':
    case 'help':
      return { kind: verb.toLowerCase() as 'hosts' | 'status' | 'help' };
    default:
      return { kind: 'unknown', word: verb };
  }
}

function check([host, ...rest]: readonly string[]): Command {
  if (host === undefined) return { kind: 'check-without-host' };
  const word = (rest[0]?.toLowerCase() === 'for' ? rest.slice(1) : rest).join('');
  if (word === '')
    return rest.length === 0
      ? { kind: 'check', host, interval: USUAL_INTERVAL }
      : { kind: 'bad-interval', word: rest.join(' ') };
  const interval = (parseDuration(word.toLowerCase()) ?? Number.NaN) / 1000;
  const usable = Number.isInteger(interval) && interval >= 1 && interval <= LONGEST_INTERVAL;
  return usable ? { kind: 'check', host, interval } : { kind: 'bad-interval', word };
}

/** Slack makes links of names with dots, phones make quotes and wide letters, and people paste code marks. */
function words(text: string): readonly string[] {
  return text
    .slice(0, LONGEST_TEXT)
    .normalize('NFKC')
    .replaceAll(/<(?:https?:\/\/|mailto:)[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll(/<https?:\/\/([^/>]*)[^>]*>/g, '$1')
    .replaceAll(/[`"'*_“”‘’「」]/g, (mark) => (mark === '_' ? mark : ' '))
    .split(/[\s\u3000\u200b]+/)
    .filter((word) => word !== '');
}
