/** What happens to everything a person asks: once only, for members only, in their language, and never without an answer. */
import { randomBytes } from 'node:crypto';
import { StoreBroken, StoreDown } from '#app/check-ports.ts';
import type { Actor } from '#domain/check.ts';
import type { SlackMessage, SlackVoice } from '#render/slack/message.ts';
import { type ProblemDetails, problemMessage } from '#render/slack/problem.ts';
import type { Problem } from '#render/slack/slack-words.ts';
import { NotMember, type Person } from './people.ts';
import { refusalOf } from './post.ts';
import type { Desk } from './tools.ts';

export interface Asking {
  /** Names what was asked: Slack may deliver it again, and somebody may send it again. */
  readonly key: string;
  readonly user: string;
  /** For the log: which command, button or form, and what it is about, as far as it is known now. */
  readonly about: About;
  /** Tells this person, and nobody else. */
  readonly reply: (message: SlackMessage) => Promise<void>;
}

export interface About {
  readonly action: string;
  readonly host?: string;
  readonly run?: string;
  readonly change?: string;
}

export interface Asked extends Asking {
  readonly actor: Actor;
  readonly person: Person;
  readonly voice: SlackVoice;
  readonly refuse: (problem: Problem, details?: ProblemDetails) => Promise<void>;
}

/** Slack's words for a channel that we are no member of. */
const NOT_LET_IN = new Set(['not_in_channel', 'channel_not_found']);
const REMEMBERED_MS = 10 * 60_000;

/** Never rejects. */
export async function attend(asking: Asking, desk: Desk, work: (asked: Asked) => Promise<void>): Promise<void> {
  let voice = desk.voice('en');
  const refuse = (problem: Problem, details: ProblemDetails = {}) =>
    asking.reply(problemMessage(problem, { bot: desk.bot.name, ...details }, voice));
  try {
    const person = await desk.people.find(asking.user);
    voice = desk.voice(person.language);
    if (!(await desk.store.once.first(asking.key, REMEMBERED_MS))) return;
    if (person.standing !== 'member') return await refuse(person.standing);
    desk.log.info({ key: asking.key, user: asking.user, ...asking.about }, 'asked');
    await work({ ...asking, actor: { surface: 'slack', id: asking.user }, person, voice, refuse });
  } catch (error) {
    await explain(error, refuse, asking, desk).catch((worse: unknown) =>
      desk.log.error({ err: worse }, 'nobody could be told'),
    );
  }
}

async function explain(error: unknown, refuse: Asked['refuse'], { user, about }: Asking, { log }: Desk): Promise<void> {
  if (error instanceof StoreDown) {
    log.error({ err: error, user, ...about }, 'not done: Redis does not answer');
    return refuse('store-down');
  }
  if (error instanceof StoreBroken) {
    log.error({ err: error, user, ...about }, 'not done: a key in Redis is of another type');
    return refuse('store-broken', { key: error.key, type: error.type, wanted: error.wanted });
  }
  if (error instanceof NotMember) return refuse(error.standing);
  if (NOT_LET_IN.has(refusalOf(error) ?? '')) return refuse('not-in-channel');
  const reference = randomBytes(4).toString('hex');
  log.error({ err: error, reference, user, ...about }, 'something asked for in Slack went wrong');
  return refuse('unexpected', { reference });
}
