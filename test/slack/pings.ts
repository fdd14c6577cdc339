/** Whom a message notifies: what mrkdwn makes of `<!channel>` and `<@U…>`, and the rich text elements for the same. */
import type { Block } from './snapshot.ts';

export function pingsOf(text: string, blocks: readonly Block[]): readonly string[] {
  return [...new Set([...inMrkdwn(text), ...blocks.flatMap(inValue)])];
}

function inMrkdwn(text: string): readonly string[] {
  return [
    ...text.matchAll(
      /<(?:@([UW][A-Z0-9]+)(?:\|[^>]*)?|!(here|channel|everyone)(?:\|[^>]*)?|!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?)>/g,
    ),
  ].map(([, user, range, group]) => user ?? range ?? group ?? '');
}

function inValue(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(inValue);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text, user_id: user, range, usergroup_id: group } = value as Readonly<Record<string, unknown>>;
  if ((type === 'mrkdwn' || type === 'markdown') && typeof text === 'string') return inMrkdwn(text);
  if (type === 'user') return [String(user)];
  if (type === 'broadcast') return [String(range)];
  if (type === 'usergroup') return [String(group)];
  return Object.values(value).flatMap(inValue);
}
