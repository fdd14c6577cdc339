/** What a freeze and its end say: to a channel, and to the threads of the changes that wait or are on trial. */
import { hearsFreezes } from '#change/freeze.ts';
import { trialOf } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { fill } from '#render/words.ts';
import { groupName, thawCommand } from './change-card.ts';
import type { Telling } from './change-told.ts';
import { messageOf, type SlackMessage, type SlackVoice } from './message.ts';
import { who } from './names.ts';
import { emoji, line, type Piece, plain } from './rich.ts';
import type { ShownChange } from './shown-change.ts';

/** What was told, how often something was told of the group before, and the group. */
const KEY = /^(frozen|thawed) \d+ (.+)$/s;

/** What its thread has not been told yet; `told` remembers what it has. */
export function freezeTellings(
  { change, freezes }: Pick<ShownChange, 'change' | 'freezes'>,
  told: readonly string[],
  voice: SlackVoice,
): readonly Telling[] {
  if (!hearsFreezes(change)) return [];
  const { freeze } = voice.change;
  const sentence = trialOf(change) === undefined ? freeze.proposal : freeze.trial;
  const groups = [...new Set(told.flatMap((key) => KEY.exec(key)?.[2] ?? []))];
  const about = (group: string) => told.filter((key) => KEY.exec(key)?.[2] === group);
  const knows = (group: string) => about(group).at(-1)?.startsWith('frozen') ?? false;
  const key = (what: 'frozen' | 'thawed', group: string) => `${what} ${about(group).length} ${group}`;
  const begun = freezes
    .filter(({ group }) => !knows(group))
    .map(({ group, by }) => ({
      key: key('frozen', group),
      message: say(sentence, group, slackUser(by), 'snowflake', voice),
    }));
  const over = groups
    .filter((group) => knows(group) && !freezes.some((each) => each.group === group))
    .map((group) => ({ key: key('thawed', group), message: say(freeze.over, group, [], 'sunny', voice) }));
  return [...over, ...begun];
}

/** For the channel in which somebody froze or thawed. */
export function freezeMessage(on: boolean, group: string, by: Actor, voice: SlackVoice): SlackMessage {
  const { freeze } = voice.change;
  return say(on ? freeze.frozen : freeze.thawed, group, who(by), on ? 'snowflake' : 'sunny', voice);
}

/** Slack takes no message that names somebody who cannot be: who ordered a freeze may not be known any more. */
function slackUser(id: string): readonly Piece[] {
  return /^[UW][A-Z0-9]+$/.test(id) ? who({ surface: 'slack', id }) : plain(id);
}

function say(template: string, group: string, by: readonly Piece[], mark: string, voice: SlackVoice): SlackMessage {
  const text = fill(template, { group: groupName(group, voice), command: thawCommand(group) });
  return messageOf(text, line(emoji(mark), plain(text), by));
}
