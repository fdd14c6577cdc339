/** What a freeze and its end say: to a channel, and to the threads of the changes that wait or are on trial. */
import type { Change } from '#domain/change.ts';
import type { Actor } from '#domain/check-run.ts';
import { fill } from '#render/words.ts';
import { groupName, type ShownChange, thawCommand, who } from './change-card.ts';
import type { Telling } from './change-told.ts';
import { notification, type SlackMessage, type SlackVoice } from './message.ts';
import { emoji, line, type Piece, plain, rich } from './rich.ts';

/** A proposal cannot be approved meanwhile; a trial goes on, and people want to know that. */
const HEAR: readonly Change['state']['kind'][] = ['proposed', 'on-trial'];

export function hearsFreezes({ state }: Pick<Change, 'state'>): boolean {
  return HEAR.includes(state.kind);
}

/** What its thread has not been told yet; `told` remembers what it has. */
export function freezeTellings(
  { change, freezes }: Pick<ShownChange, 'change' | 'freezes'>,
  told: readonly string[],
  voice: SlackVoice,
): readonly Telling[] {
  if (!hearsFreezes(change)) return [];
  const { freeze } = voice.change;
  const sentence = change.state.kind === 'proposed' ? freeze.proposal : freeze.trial;
  const begun = freezes
    .map(({ group, by, since }) => ({ key: `frozen ${since.getTime()} ${group}`, group, by }))
    .filter(({ key }) => !told.includes(key))
    .map(({ key, group, by }) => ({ key, message: say(sentence, group, slackUser(by), 'snowflake', voice) }));
  const over = told
    .flatMap((key) => /^frozen (\d+ .*)$/s.exec(key)?.[1] ?? [])
    .map((what) => ({ key: `thawed ${what}`, group: what.replace(/^\d+ /, '') }))
    .filter(({ key, group }) => !told.includes(key) && !freezes.some((each) => each.group === group))
    .map(({ key, group }) => ({ key, message: say(freeze.over, group, [], 'sunny', voice) }));
  return [...over, ...begun];
}

/** For the channel in which somebody froze or thawed. */
export function freezeMessage(on: boolean, group: string, by: Actor, voice: SlackVoice): SlackMessage {
  const { freeze } = voice.change;
  return say(on ? freeze.frozen : freeze.thawed, group, who(by), on ? 'snowflake' : 'sunny', voice);
}

function slackUser(id: string): readonly Piece[] {
  return who({ surface: 'slack', id });
}

function say(template: string, group: string, by: readonly Piece[], mark: string, voice: SlackVoice): SlackMessage {
  const text = fill(template, { group: groupName(group, voice), command: thawCommand(group) });
  return { text: notification(text), blocks: [rich(line(emoji(mark), plain(text), by))] };
}
