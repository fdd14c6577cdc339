/** Patterns of ssh_config(5) and sshd(8): `*` any text, `?` one character, a leading `!` takes a name out again. */

export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const wanted = pattern[p];
    if (wanted === '*') {
      star = p++;
      resume = t;
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** A list matches when one of its patterns does and none of those with `!` does. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  const negated = patterns.filter((pattern) => pattern.startsWith('!'));
  if (negated.some((pattern) => matchesPattern(pattern.slice(1), text))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, text));
}
