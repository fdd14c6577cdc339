/** How soon one card may show progress again: readers watch it, and every edit counts against the workspace's budget. */

export interface EditPace {
  readonly isDue: (card: string) => boolean;
  readonly drawn: (card: string) => void;
}

/** Cards that were drawn lately. */
const MOST_KNOWN = 2000;

/** `now` in milliseconds. */
export function createEditPace(atMostEveryMs: number, now: () => number): EditPace {
  const drawnAt = new Map<string, number>();
  return {
    isDue: (card) => now() - (drawnAt.get(card) ?? Number.NEGATIVE_INFINITY) >= atMostEveryMs,
    drawn(card) {
      if (drawnAt.size >= MOST_KNOWN) drawnAt.clear();
      drawnAt.set(card, now());
    },
  };
}
