/** Whose turn it is: several processes are at work at once, and each of their steps waits until it is drawn. */

export interface Turns {
  /** Does `work` when it is drawn, and nothing else meanwhile. */
  readonly take: <T>(work: () => Promise<T>) => Promise<T>;
  /** Draws until `done` has settled. */
  readonly until: <T>(done: Promise<T>) => Promise<T>;
}

/** The same seed draws the same order. `atOnce`: nobody waits, and Redis alone decides. */
export function createTurns(seed: number): Turns & { readonly atOnce: (yes: boolean) => void } {
  const draw = createDraw(seed);
  const waiting: (() => Promise<void>)[] = [];
  let free = false;

  function take<T>(work: () => Promise<T>): Promise<T> {
    if (free) return work();
    return new Promise((resolve, reject) => {
      waiting.push(() => work().then(resolve, reject));
    });
  }

  async function until<T>(done: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    done.then(settle, settle);
    for (;;) {
      // Whatever follows from the last step asks for its turn before this is over.
      await new Promise(setImmediate);
      if (settled) return done;
      const [next] = waiting.splice(draw(waiting.length), 1);
      if (next !== undefined) await next();
      else if (!free) throw new Error('Somebody waits for what nobody does.');
    }
  }

  return {
    take,
    until,
    atOnce(yes) {
      free = yes;
    },
  };
}

/** Whole numbers below `most`, from a linear congruence (Numerical Recipes' constants). */
function createDraw(seed: number): (most: number) => number {
  let state = seed >>> 0;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}
