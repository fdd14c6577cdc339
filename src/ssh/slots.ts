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
}

export function createSlots(limit: number): Slots {
  let free = limit;
  const queue = new Set<() => void>();

  function give(): void {
    const [next] = queue;
    if (next === undefined) {
      free++;
      return;
    }
    queue.delete(next);
    next();
  }

  return {
    inUse: () => limit - free,
    take() {
      if (free > 0) {
        free--;
        return { ready: Promise.resolve(), release: once(give) };
      }
      let mine = () => {};
      const ready = new Promise<void>((resolve) => {
        mine = resolve;
        queue.add(mine);
      });
      return { ready, release: once(() => queue.delete(mine) || give()) };
    },
  };
}

function once(act: () => unknown): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
