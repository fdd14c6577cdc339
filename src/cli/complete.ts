/** Which words may stand where the cursor is, from the same definitions that parse them. Pure. */
import type { Command, Option } from 'commander';

/** What an argument or the value of an option may be, by its name; asked for only when it is needed. */
export type Values = Readonly<Record<string, () => Promise<readonly string[]>>>;

/** `words`: those up to the cursor, the last one perhaps empty. Empty when the shell had better offer files. */
export async function candidates(
  words: readonly string[],
  program: Command,
  values: Values,
): Promise<readonly string[]> {
  const said = withoutEquals(words);
  const typed = words.at(-1) === '=' ? '' : (said.pop() ?? '');
  const place = placeOf(said, program);
  const all = await (place.open === undefined ? inPlace(typed, place, values) : ofOption(place.open, values));
  return all.filter((candidate) => candidate.startsWith(typed) && candidate !== '');
}

/** bash makes three words of --lang=ja. */
export function withoutEquals(words: readonly string[]): string[] {
  return words.filter((word) => word !== '=');
}

interface Place {
  readonly command: Command;
  /** Arguments that are there already. */
  readonly given: number;
  /** An option that waits for its value. */
  readonly open: Option | undefined;
}

/** Where words lead; the value of an option leads nowhere, whatever it is. */
export function placeOf(before: readonly string[], program: Command): Place {
  return before.reduce<Place>(
    ({ command, given, open }, word) => {
      if (open !== undefined) return { command, given, open: undefined };
      const option = command.options.find(({ long, short }) => word === long || word === short);
      if (option !== undefined) return { command, given, open: option.required ? option : undefined };
      if (word.startsWith('-')) return { command, given, open: undefined };
      const next = command.commands.find((each) => each.name() === word);
      return next === undefined ? { command, given: given + 1, open } : { command: next, given: 0, open };
    },
    { command: program, given: 0, open: undefined },
  );
}

/** Of `--on <host>`, hosts. */
async function ofOption({ argChoices, flags }: Option, values: Values): Promise<readonly string[]> {
  const [, name = ''] = /<(.+)>/.exec(flags) ?? [];
  return argChoices ?? (await values[name]?.()) ?? [];
}

async function inPlace(typed: string, { command, given }: Place, values: Values): Promise<readonly string[]> {
  if (typed.startsWith('-')) return ['--help', ...command.options.flatMap(({ long }) => (long == null ? [] : [long]))];
  if (command.commands.length > 0) return given > 0 ? [] : command.commands.map((each) => each.name());
  const argument = command.registeredArguments[given];
  return argument?.argChoices ?? (await values[argument?.name() ?? '']?.()) ?? [];
}
