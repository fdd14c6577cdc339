/** A card: the message that shows one check or one change in one place, brought up to date as that goes on. */
import type { ChangeId } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import type { Language } from '#domain/language.ts';

/** What is shown, and worked on. */
export type Subject =
  | { readonly kind: 'check'; readonly id: CheckId }
  | { readonly kind: 'change'; readonly id: ChangeId };

export interface CardPlace {
  readonly channel: string;
  /** The thread it stands in; null = in the channel itself. */
  readonly thread: string | null;
}

export interface Card {
  /** Opaque. */
  readonly id: string;
  readonly subject: Subject;
  readonly place: CardPlace;
  readonly language: Language;
  /** The person who asked for this card; another one than the check's actor when they share the check. */
  readonly askedBy: string;
  /** The message's id once it is posted. */
  readonly message: string | null;
  /** The subject's revision that the message shows; -1 = none yet. */
  readonly shown: number;
  /** What the message shows of the progress of work under way; '' = nothing. */
  readonly progress: string;
  /** What the thread was told, in order: a key for each. */
  readonly told: readonly string[];
}
