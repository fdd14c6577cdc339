/** What the listeners work with; the composition root hands in the real ones. */
import type { WebClient } from '@slack/web-api';
import type { Announce, TellFreeze } from '#app/card-ports.ts';
import type { ChangeStore } from '#app/change-ports.ts';
import type { CheckQueue, Store } from '#app/check-ports.ts';
import type { DecideTools } from '#app/decide-ports.ts';
import type { Language } from '#domain/language.ts';
import type { Report } from '#domain/report.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { Topic } from '#render/page.ts';
import type { SlackVoice } from '#render/slack/message.ts';
import type { People } from './people.ts';
import type { SendOnce } from './post.ts';

export interface Log {
  readonly debug: (facts: object, message: string) => void;
  readonly info: (facts: object, message: string) => void;
  readonly warn: (facts: object, message: string) => void;
  readonly error: (facts: object, message: string) => void;
}

/** What is there for changes. */
export interface ChangeDesk extends Pick<DecideTools, 'queue' | 'announce' | 'policy' | 'kinds' | 'keys'> {
  readonly store: ChangeStore;
  readonly tellFreeze: TellFreeze;
  /** The host that builds kernels unless somebody names another one. */
  readonly builder: string | undefined;
  /** Where the trail is posted, if anywhere. */
  readonly auditChannel: string | undefined;
}

export interface SlackTools {
  readonly store: Store;
  readonly queue: CheckQueue;
  readonly announce: Announce;
  readonly changes: ChangeDesk;
  /** As last read; an inventory may be read again while we run. */
  readonly inventory: () => Inventory;
  readonly voice: (language: Language) => SlackVoice;
  /** Undefined when there is none. `id`: whatever a person typed. */
  readonly page: (id: string, language: Language) => Promise<Topic | undefined>;
  /** Every number of a report, as plain text. */
  readonly fullReport: (report: Report, language: Language) => Promise<string>;
  /** The diagnoses that each fix answers. */
  readonly cures: ReadonlyMap<string, readonly string[]>;
  readonly now: () => Date;
  readonly log: Log;
}

export interface SlackSettings {
  readonly mode: 'socket' | 'http';
  readonly botToken: string;
  /** Socket Mode. */
  readonly appToken: string | undefined;
  /** HTTP. */
  readonly signingSecret: string | undefined;
  /** Another server that speaks Slack's API. */
  readonly apiUrl: string | undefined;
  readonly channels: ReadonlyMap<string, { readonly language: Language }>;
  /** Of those whose locale Slack does not say. */
  readonly language: Language;
}

/** Who the bot's token is. */
export interface BotIdentity {
  readonly user: string;
  readonly bot: string;
  readonly name: string;
  readonly team: string;
  /** Its address, with a slash at its end; null when Slack has not said it. */
  readonly workspace: string | null;
}

/** The tools, and Slack itself. */
export interface Desk extends SlackTools {
  readonly client: WebClient;
  readonly sendOnce: SendOnce;
  readonly people: People;
  readonly bot: BotIdentity;
  readonly channels: SlackSettings['channels'];
  readonly presentCard: (card: string) => Promise<Presented>;
  readonly refreshHomes: () => void;
}

/** `refused`: Slack lets us write nothing there. `busy`: somebody else is bringing it up to date. */
export type Presented = 'shown' | 'busy' | 'refused';
