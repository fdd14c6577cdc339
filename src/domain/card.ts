/** A card: the message that shows one run in one place, brought up to date as the run goes on. */
import type { CheckId } from '#domain/check.ts';
import type { Language } from '#domain/language.ts';

export interface CardPlace {
  readonly channel: string;
  /** The thread it stands in; null = in the channel itself. */
  readonly thread: string | null;
}

export interface Card {
  /** Opaque. */
  readonly id: string;
  readonly run: CheckId;
  readonly place: CardPlace;
  readonly language: Language;
  /** The person who asked for this card; another one than the run's actor when they share the run. */
  readonly askedBy: string;
  /** The message's id once it is posted. */
  readonly message: string | null;
  /** The run's revision that the message shows; -1 = none yet. */
  readonly shown: number;
  /** Whether the thread was told how the run ended. */
  readonly told: boolean;
}
