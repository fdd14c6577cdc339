/** Which of the known names somebody probably meant. */

const MOST_NAMES = 3;

/**
 * At most three, the nearest first: those that begin with what was typed or that it begins with, those that differ in
 * dots, dashes and leading zeros, then those within a few slips of it.
 */
export function nearestNames(typed: string, known: Iterable<string>): readonly string[] {
  const wanted = typed.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return [...known]
    .map((name) => ({
      name,
      slips: isAlike(wanted, name.toLowerCase()) ? 0 : slips(wanted, name.toLowerCase()),
    }))
    .filter(({ slips }) => slips <= allowed)
    .toSorted((a, b) => a.slips - b.slips || a.name.localeCompare(b.name))
    .slice(0, MOST_NAMES)
    .map(({ name }) => name);
}

/** `web` and `web-01`, `web-01.example.com` and `web-01`, `web1` and `web-01`. */
function isAlike(typed: string, name: string): boolean {
  if (typed.length < 2) return false;
  return name.startsWith(typed) || typed.startsWith(`${name}.`) || bare(name) === bare(typed);
}

function bare(name: string): string {
  return name.replaceAll(/[-_.]|(?<!\d)0+(?=\d)/g, '');
}

/** Damerau-Levenshtein (optimal string alignment): letters missing, extra, wrong, or two swapped. */
function slips(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const wrong = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + wrong,
          swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
