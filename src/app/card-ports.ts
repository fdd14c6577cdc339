/** What the use cases need in order to have something shown. Every promise may reject with a StoreDown. */
import type { Card, Subject } from '#domain/card.ts';
import type { Actor } from '#domain/check.ts';
import type { Language } from '#domain/language.ts';

/** Says that a subject looks different now; `soon` may be put together with what follows, `now` may not. */
export type Announce = (subject: Subject, urgency: Urgency) => Promise<void>;

export type Urgency = 'now' | 'soon';

/** Slack takes about fifty edits a minute from a workspace's bot: what is only progress waits this long for what comes next. */
export const SOON_MS = 2_500;

/** A channel is to hear that changes of a group were frozen, or may be made again. */
export interface FreezeNotice {
  readonly kind: 'freeze';
  readonly on: boolean;
  /** `*` = all hosts. */
  readonly group: string;
  readonly by: Actor;
  readonly channel: string;
  readonly language: Language;
}

/** Has it said by a process that speaks Slack. */
export type TellFreeze = (notice: FreezeNotice) => Promise<void>;

export interface Cards {
  /** The one that is there, if it was added before. */
  add(card: Pick<Card, 'id' | 'subject' | 'place' | 'language' | 'askedBy'>): Promise<Card>;
  of(subject: Subject): Promise<readonly Card[]>;
  /** Their ids, without reading them. */
  idsOf(subject: Subject): Promise<readonly string[]>;
  find(id: string): Promise<Card | undefined>;
  /** `fields` must not be empty. */
  change(card: Card, fields: Partial<Pick<Card, 'message' | 'shown' | 'progress' | 'told'>>): Promise<void>;
  /** Cards that may not yet show how their subject ended, oldest first. */
  unsettled(): Promise<readonly Card[]>;
  settle(id: string): Promise<void>;
  unsettle(id: string): Promise<void>;
  /** Does `work` while nobody else holds this card, on any machine; undefined when somebody does. */
  alone<T>(id: string, work: () => Promise<T>): Promise<T | undefined>;
}
