/** What the bot's admins have to fix: each of them is told once; where the policy names none, the audit channel is. */
import type { Store } from '#app/check-ports.ts';
import type { Language } from '#domain/language.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { People } from './people.ts';
import type { ChangeDesk, Desk } from './tools.ts';

export interface TellAdminsTools
  extends Pick<ChangeDesk, 'policy' | 'auditChannel'>,
    Pick<Desk, 'sendOnce' | 'voice' | 'log'> {
  /** Where the language of a person or a channel is not known. */
  readonly language: Language;
  readonly people: Pick<People, 'find' | 'membersOf'>;
  readonly once: Store['once'];
}

/** Then once more, if it is still so. */
const TOLD_FOR_MS = 30 * 86_400_000;
const MOST_TOLD = 20;

/** Says that the policy names a user group that does not exist. Rejects when it could tell nobody of those it should. */
export async function tellOfGroupGone(group: string, tools: TellAdminsTools): Promise<void> {
  const key = `user group ${group} is gone`;
  if (!(await tools.once.first(key, TOLD_FOR_MS))) return;
  try {
    const places = await placesOf(group, tools);
    await Promise.all(places.map((place) => tell(place, group, tools)));
  } catch (error) {
    await tools.once.forget(key);
    throw error;
  }
}

interface Place {
  readonly channel: string;
  readonly language: Language;
}

async function placesOf(gone: string, { policy, auditChannel, language, people }: TellAdminsTools) {
  const { users = [], userGroups = [] } = policy.admins ?? {};
  const others = userGroups.filter((group) => group !== gone);
  const members = await Promise.all(others.map(async (group) => (await people.membersOf(group)) ?? []));
  const admins = [...new Set([...users, ...members.flat()])].slice(0, MOST_TOLD);
  if (admins.length > 0)
    return Promise.all(
      admins.map(async (channel): Promise<Place> => ({ channel, language: (await people.find(channel)).language })),
    );
  return auditChannel === undefined ? [] : [{ channel: auditChannel, language }];
}

function tell({ channel, language }: Place, group: string, { sendOnce, voice }: TellAdminsTools): Promise<unknown> {
  const message = sentenceMessage(fill(voice(language).change.admin.groupGone, { group }));
  return sendOnce(({ chat }) => chat.postMessage({ channel, ...message }));
}
