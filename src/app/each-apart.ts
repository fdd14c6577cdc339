/** Does the same for one after the other: what goes wrong with one of them is said, and stops none of the rest. */
import { StoreDown } from './check-ports.ts';

/** Hears what went wrong with which run, card or change. */
export type OnTrouble = (id: string, error: unknown) => void;

/** Rejects with a StoreDown: then nothing could be done about the others either. */
export async function eachApart<T extends { readonly id: string }>(
  all: readonly T[],
  work: (one: T) => Promise<void>,
  onTrouble: OnTrouble,
): Promise<void> {
  for (const one of all) {
    try {
      await work(one);
    } catch (error) {
      if (error instanceof StoreDown) throw error;
      onTrouble(one.id, error);
    }
  }
}
