/** The hosts there are, by group. */
import { fill } from '#render/words.ts';
import { messageOf, type SlackMessage, type SlackVoice } from './message.ts';
import { bold, bullets, line, plain } from './rich.ts';

interface ListedHost {
  readonly name: string;
  readonly groups: readonly string[];
}

const MOST_GROUPS = 30;
const MOST_OF_GROUP = 25;

export function hostsMessage(hosts: readonly ListedHost[], { slack: { hosts: words } }: SlackVoice): SlackMessage {
  if (hosts.length === 0) return messageOf(words.none, line(plain(words.none)));
  const groups = new Map<string, string[]>();
  for (const { name, groups: of } of hosts) {
    for (const group of of.length === 0 ? [words.ungrouped] : of)
      groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  const items = [...groups].map(([group, members]) => {
    const named = members.slice(0, MOST_OF_GROUP);
    const more = members.length > named.length ? ` ${fill(words.more, { n: members.length - named.length })}` : '';
    return [...bold(group), ...plain(`  ${named.join(', ')}${more}`)];
  });
  const title = fill(words.title, { n: hosts.length });
  const rest = items.length > MOST_GROUPS ? [line(plain(fill(words.more, { n: items.length - MOST_GROUPS })))] : [];
  return messageOf(title, line(bold(title)), bullets(items.slice(0, MOST_GROUPS)), ...rest);
}
