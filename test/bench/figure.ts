/** A measured ratio against its limit, and the arithmetic behind it. */
export interface Figure {
  readonly what: string;
  readonly ratio: number;
  readonly limit: number;
  /** The medians the ratio was made of, with their units. */
  readonly made: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined) throw new Error('No runs were measured.');
  return middle;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, ratio, limit, made }) => {
    const verdict = ratio <= limit ? 'yes' : '**no**';
    return `| ${what} | ${ratio.toFixed(ratio < 0.1 ? 3 : 2)} | ≤ ${limit} | ${verdict} | ${made} |`;
  });
  return ['| Figure | Ratio | Aim | Met | Made of (medians) |', '|---|---|---|---|---|', ...rows].join('\n');
}
