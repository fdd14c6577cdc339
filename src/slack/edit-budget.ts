/** How many edits that are only progress may be made: Slack takes about fifty a minute, and ends of runs go first. */

export interface EditBudget {
  /** False when this edit should be left out; the next one shows what it would have. */
  readonly take: () => boolean;
}

/** A bucket that holds `size` and fills at `perMinute`; `now` in milliseconds. */
export function createEditBudget(size: number, perMinute: number, now: () => number): EditBudget {
  let level = size;
  let at = now();
  return {
    take() {
      const next = now();
      level = Math.min(size, level + ((next - at) * perMinute) / 60_000);
      at = next;
      if (level < 1) return false;
      level -= 1;
      return true;
    },
  };
}
