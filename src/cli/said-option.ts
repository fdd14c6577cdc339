/** The value that words give an option, as `--name value` or `--name=value`; the last one counts. Also where they do not parse. */
export function saidOption(name: string, words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => word === name || word.startsWith(`${name}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  return word === name ? words[at + 1] : word.slice(name.length + 1);
}
