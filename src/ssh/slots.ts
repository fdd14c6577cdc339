/** A limit on how much happens at once, first come, first served. */

export interface Slot {
  /** Resolves when the slot is ours. */
  readonly ready: Promise<void>;
  /** Gives the slot back, or the place in the queue up. */
  readonly release: () => void;
}

export interface Slots {
  readonly take: () => Slot;
  /** How many are taken. */
  readonly inUse: () => number;
  /** Never more than this from now on; what is taken already stays so. */
  readonly limitTo: (limit: number) => void;
}

export function createSlots(most: number): Slots {
  let limit = most;
  let taken = 0;
  const queue = new Set<() => void>();

  function serve(): void {
    for (const grant of queue) {
      if (taken >= limit) return;
      queue.delete(grant);
      taken++;
      grant();
    }
  }

  function take(): Slot {
    let grant = () => {};
    let released = false;
    const ready = new Promise<void>((resolve) => {
      grant = resolve;
    });
    queue.add(grant);
    serve();
    return {
      ready,
      release() {
        if (released) return;
        released = true;
        if (!queue.delete(grant)) taken--;
        serve();
      },
    };
  }

  return {
    take,
    inUse: () => taken,
    limitTo(lower) {
      limit = Math.max(1, Math.min(limit, lower));
    },
  };
}
