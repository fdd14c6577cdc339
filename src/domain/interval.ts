/** The time between the two samples, as people type it in a terminal and in Slack. */

/** Seconds. */
export const USUAL_INTERVAL = 5;
const SHORTEST = 1;
const LONGEST = 60;

/** Whole seconds from `5`, `5s`, `5 s` or `1m`; undefined when it is not between 1 and 60 seconds. */
export function parseInterval(text: string): number | undefined {
  const { amount, unit } = /^(?<amount>\d{1,4}) ?(?<unit>s|m)?$/i.exec(text.trim())?.groups ?? {};
  const seconds = Number(amount) * (unit?.toLowerCase() === 'm' ? 60 : 1);
  return seconds >= SHORTEST && seconds <= LONGEST ? seconds : undefined;
}

/** Whether it is meant to be a time, also one that cannot be used: `2h`, `0.5s`, `90`. */
export function looksLikeInterval(text: string): boolean {
  return /^[-+]?\d+(?:[.,]\d+)? ?[a-z]{0,7}$/i.test(text.trim());
}

export type TimeAsked =
  | { readonly kind: 'interval'; readonly seconds: number }
  /** Meant to be a time, and none that can be used. */
  | { readonly kind: 'bad'; readonly word: string }
  | { readonly kind: 'other'; readonly word: string };

/** What stands behind a host's name: nothing, `30s`, `30 s`, or either after `for`. */
export function readTime([first, ...more]: readonly string[]): TimeAsked {
  if (first === undefined) return { kind: 'interval', seconds: USUAL_INTERVAL };
  const isFor = first.toLowerCase() === 'for';
  const word = (isFor ? more : [first, ...more]).join(' ');
  const seconds = parseInterval(word);
  if (seconds !== undefined) return { kind: 'interval', seconds };
  return isFor || looksLikeInterval(word) ? { kind: 'bad', word: word || first } : { kind: 'other', word };
}
