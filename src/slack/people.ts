/** Who somebody is in our workspace, and which language they read. */
import type { WebClient } from '@slack/web-api';
import type { Language } from '#domain/language.ts';

/** Everybody but members is refused. */
export type Standing = 'member' | 'guest' | 'bot' | 'deactivated' | 'other-organisation';

export interface Person {
  readonly id: string;
  readonly standing: Standing;
  readonly language: Language;
}

/** Somebody who may not do what counts. */
export class NotMember extends Error {
  override readonly name = 'NotMember';
  readonly standing: Exclude<Standing, 'member'>;

  constructor(standing: Exclude<Standing, 'member'>) {
    super(`Slack says that this person is not a member: ${standing}.`);
    this.standing = standing;
  }
}

export interface People {
  /** As Slack said in the last minutes. Rejects when it does not say. */
  readonly find: (id: string) => Promise<Person>;
  /** As Slack says now. Rejects with a NotMember, or when it does not say. */
  readonly member: (id: string) => Promise<Person>;
  /** Of these user groups, those the person is in now. Rejects when Slack does not say. */
  readonly groupsOf: (id: string, groups: readonly string[]) => Promise<readonly string[]>;
}

const KNOWN_FOR_MS = 10 * 60_000;
const MOST_KNOWN = 5000;

interface Known {
  readonly person: Promise<Person>;
  readonly until: number;
}

export function createPeople(client: WebClient, team: string, usual: Language, now: () => number): People {
  const known = new Map<string, Known>();

  async function ask(id: string): Promise<Person> {
    const { user } = await client.users.info({ user: id, include_locale: true });
    if (user === undefined) throw new Error(`Slack says nothing of ${id}.`);
    return { id, standing: standingOf(user, team), language: languageOf(user.locale, usual) };
  }

  async function members(group: string): Promise<readonly string[]> {
    const { users = [] } = await client.usergroups.users.list({ usergroup: group });
    return users;
  }

  function find(id: string): Promise<Person> {
    const before = known.get(id);
    if (before !== undefined && before.until > now()) return before.person;
    const person = ask(id);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(id, { person, until: now() + KNOWN_FOR_MS });
    person.catch(() => known.delete(id));
    return person;
  }

  return {
    find,
    async member(id) {
      known.delete(id);
      const person = await find(id);
      if (person.standing !== 'member') throw new NotMember(person.standing);
      return person;
    },
    async groupsOf(id, groups) {
      const lists = await Promise.all(groups.map(async (group) => [group, await members(group)] as const));
      return lists.filter(([, users]) => users.includes(id)).map(([group]) => group);
    },
  };
}

type SlackUser = NonNullable<Awaited<ReturnType<WebClient['users']['info']>>['user']>;

function standingOf(user: SlackUser, team: string): Standing {
  if (user.team_id !== team || isStranger(user)) return 'other-organisation';
  if (user.deleted === true) return 'deactivated';
  if (user.is_bot === true || user.id === 'USLACKBOT') return 'bot';
  return user.is_restricted === true || user.is_ultra_restricted === true ? 'guest' : 'member';
}

/** The type does not know it; Slack says it of people of other workspaces. */
function isStranger(user: SlackUser): boolean {
  return (user as { readonly is_stranger?: boolean }).is_stranger === true;
}

function languageOf(locale: string | undefined, usual: Language): Language {
  if (locale === undefined) return usual;
  return /^ja\b/i.test(locale) ? 'ja' : 'en';
}
