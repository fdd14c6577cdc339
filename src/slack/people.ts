/** Who somebody is in our workspace, and which language they read. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { Somebody } from '#change/policy.ts';
import type { Language } from '#domain/language.ts';
import { refusalOf } from './post.ts';

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
  /** Of these user groups, those the person is in now, and those that Slack could not be asked about. Never rejects. */
  readonly standingIn: (
    id: string,
    groups: readonly string[],
  ) => Promise<Required<Pick<Somebody, 'userGroups' | 'notChecked'>>>;
  /** Who is in it now: nobody when there is no such group; undefined when Slack does not say. Never rejects. */
  readonly membersOf: (group: string) => Promise<readonly string[] | undefined>;
}

/** What becomes known of user groups while somebody is looked up in them. */
export interface GroupNews {
  readonly gone: (group: string) => void;
  readonly silent: (group: string, error: unknown) => void;
}

/** The person who pressed a button waits for it. */
const GROUP_WITHIN_MS = 5000;
const KNOWN_FOR_MS = 10 * 60_000;
const MOST_KNOWN = 5000;

interface Known {
  readonly person: Promise<Person>;
  readonly until: number;
}

export function createPeople(
  client: WebClient,
  team: string,
  usual: Language,
  now: () => number,
  news: GroupNews,
): People {
  const known = new Map<string, Known>();

  async function ask(id: string): Promise<Person> {
    const { user } = await client.users.info({ user: id, include_locale: true });
    if (user === undefined) throw new Error(`Slack says nothing of ${id}.`);
    return { id, standing: standingOf(user, team), language: languageOf(user.locale, usual) };
  }

  async function membersOf(group: string): Promise<readonly string[] | undefined> {
    try {
      const { users = [] } = await inTime(client.usergroups.users.list({ usergroup: group }), GROUP_WITHIN_MS);
      return users;
    } catch (error) {
      // Deleted or disabled, which is the same to the policy: nobody is in it.
      const gone = refusalOf(error) === 'no_such_subteam';
      if (gone) news.gone(group);
      else news.silent(group, error);
      return gone ? [] : undefined;
    }
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
    async standingIn(id, groups) {
      const asked = await Promise.all(groups.map(async (group) => ({ group, members: await membersOf(group) })));
      return {
        userGroups: asked.filter(({ members }) => members?.includes(id)).map(({ group }) => group),
        notChecked: asked.filter(({ members }) => members === undefined).map(({ group }) => group),
      };
    },
    membersOf,
  };
}

function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  const tooLate = sleep(ms, undefined, { ref: false }).then(() => {
    throw new Error(`Slack has not answered in ${ms / 1000} s.`);
  });
  return Promise.race([answer, tooLate]);
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
