/** Changes under way, who has which host, and what is frozen: a part of /tcp status and of App Home. */
import type { Change, HostLock, OrderedFreeze } from '#domain/change.ts';
import { lockText } from '#render/lock-text.ts';
import { fill } from '#render/words.ts';
import { changeHeadline } from './change-card.ts';
import type { SlackVoice } from './message.ts';
import { who } from './names.ts';
import { bold, bullets, code, line, linked, type Part, type Piece, plain } from './rich.ts';

export interface ShownChanges {
  readonly active: readonly Change[];
  readonly locks: readonly HostLock[];
  readonly freezes: readonly OrderedFreeze[];
  /** Addresses of cards, by what they show. */
  readonly links?: ReadonlyMap<string, string>;
  readonly now: Date;
}

const MOST = 20;

export function changesPart(shown: ShownChanges, voice: SlackVoice): readonly Part[] {
  const { active, freezes } = shown;
  const { status } = voice.change;
  return [
    ...(active.length === 0
      ? [line(plain(status.none))]
      : [line(bold(fill(status.title, { n: active.length }))), bullets(changeItems(active, shown, voice))]),
    ...(freezes.length === 0
      ? []
      : [line(plain(fill(status.frozen, { groups: freezes.map(({ group }) => group).join(', ') })))]),
  ];
}

export function changeItems(
  changes: readonly Change[],
  { locks, links, now }: Pick<ShownChanges, 'locks' | 'links' | 'now'>,
  voice: SlackVoice,
): readonly (readonly Piece[])[] {
  const { status } = voice.change;
  return changes.slice(0, MOST).map((change) => {
    const { id, requester } = change;
    const lock = locks.find((each) => each.change === id);
    return [
      ...linked(links?.get(id), changeHeadline(change, voice)),
      ...plain('  '),
      ...code(id),
      ...plain(`  ${status.line}`),
      ...who(requester),
      ...plain(lock === undefined ? '' : lockText(change, lock, now, status.lock)),
    ];
  });
}
