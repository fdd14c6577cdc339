/** What a host said before it was verified or let us in: short, and nothing a terminal would obey. */
export function sayable(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
