/** How a function's time grows with the size of what it is given: linear work on four times as much takes four times as long. */

/** n log n takes 4.6 times, n² sixteen. */
const LINEAR = 8;
const FACTOR = 4;
const [FEWEST_ROUNDS, MOST_ROUNDS] = [2, 12];
/** Below it caches and chance make any ratio, and nobody is held up. */
const NOTICEABLE_MS = 4;
/** Nothing that is linear comes near it with these sizes. */
const ENDLESS_MS = 2000;

/**
 * Time on 4 n over time on n, where that is more than linear and more than a moment; undefined = all is well. Of several
 * runs of each, in turn, the shortest is what the work itself takes: compiling and collecting garbage come on top.
 */
export function suspiciousGrowth<T>(
  make: (n: number) => T,
  work: (input: T) => unknown,
  n: number,
): number | undefined {
  const [small, large] = [make(n), make(FACTOR * n)];
  let [shortest, longest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    shortest = Math.min(
      shortest,
      milliseconds(() => work(small)),
    );
    longest = Math.min(
      longest,
      milliseconds(() => work(large)),
    );
    if (longest < NOTICEABLE_MS || (round + 1 >= FEWEST_ROUNDS && longest <= LINEAR * shortest)) return undefined;
    if (longest > ENDLESS_MS) break;
  }
  return longest / shortest;
}

/** Of this process's own processor time, which does not pass while others have the processor. */
export function milliseconds(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}
