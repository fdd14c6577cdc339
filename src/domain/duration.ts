/** Lengths of time as people write them: `500ms`, `10s`, `2m`, `1h`, `30d`. */

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds; undefined when it is not a positive number with a unit. */
export function parseDuration(text: string): number | undefined {
  const { amount, unit } = /^(?<amount>\d{1,9}(?:\.\d{1,3})?) ?(?<unit>ms|s|m|h|d)$/.exec(text.trim())?.groups ?? {};
  const milliseconds = Math.round(Number(amount) * (MILLISECONDS[unit ?? ''] ?? Number.NaN));
  return milliseconds > 0 ? milliseconds : undefined;
}
