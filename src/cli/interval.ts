/** The time between the two samples, as people type it. */

const SHORTEST = 1;
const LONGEST = 60;

/** Whole seconds from `5s`, `5` or `1m`; undefined when it is not between 1 and 60 seconds. */
export function parseInterval(text: string): number | undefined {
  const { amount, unit } = /^(?<amount>\d{1,4})(?<unit>s|m)?$/.exec(text.trim())?.groups ?? {};
  const seconds = Number(amount) * (unit === 'm' ? 60 : 1);
  return seconds >= SHORTEST && seconds <= LONGEST ? seconds : undefined;
}
