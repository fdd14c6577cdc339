/** Lends a few things to many who want one each: first come, first served. */

interface Turns<T> {
  take(): Promise<T>;
  giveBack(thing: T): void;
}

export function takeTurns<T>(things: readonly T[]): Turns<T> {
  const free = [...things];
  const waiting: ((thing: T) => void)[] = [];
  return {
    take(): Promise<T> {
      const thing = free.pop();
      return thing === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(thing);
    },
    giveBack(thing: T): void {
      const next = waiting.shift();
      if (next) next(thing);
      else free.push(thing);
    },
  };
}
