/** The names somebody who mistyped one probably meant. */

const MOST = 3;

/** At most three, nearest first: those that contain it, then those a few letters away. */
export function nearest(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.toLowerCase();
  const farthest = Math.max(2, Math.floor(typed.length / 3));
  return names
    .map((name) => ({
      name,
      distance: name.includes(wanted) && wanted.length > 2 ? 0 : distance(wanted, name.toLowerCase()),
    }))
    .filter((candidate) => candidate.distance <= farthest)
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Levenshtein: letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
