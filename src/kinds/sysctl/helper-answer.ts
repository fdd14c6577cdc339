/** Reads what the change helper says. Pure; a line that is not framed by our word is a login banner's. */

export interface HelperAnswer {
  /** The last state it named, such as `on-trial`, `kept`, `reverted`; null when it named none. */
  readonly state: string | null;
  /** What follows the state: seconds left of a trial, or why it ended. */
  readonly detail: string;
  /** Why nothing was written: `drift KEY VALUE`, `busy ID ...`, as words. */
  readonly refused: readonly string[] | null;
  /** Why what was tried was undone. */
  readonly failed: readonly string[] | null;
  /** Values read back, by key. */
  readonly values: ReadonlyMap<string, string>;
  /** Keys that somebody else has changed since, and what they are now: they were left alone. */
  readonly conflicts: ReadonlyMap<string, string>;
  /** Keys whose old value could not be put back, and why. */
  readonly stuck: ReadonlyMap<string, string>;
  /** Keys that another file has the last word on, and the file. */
  readonly shadowed: ReadonlyMap<string, string>;
  /** Keys of a kept change that are something else now, and what. */
  readonly foreign: ReadonlyMap<string, string>;
  /** Keys that a newer change has, and its id: they stay as that one made them. */
  readonly superseded: ReadonlyMap<string, string>;
  /** Keys that our file says something else of than what was kept, and what: those lines were left alone. */
  readonly foreignLines: ReadonlyMap<string, string>;
  /** Orders to prolong the trial that have been carried out, by their token. */
  readonly extended: readonly string[];
  /** The host's own account, oldest first: seconds since 1970, and what happened. */
  readonly journal: readonly { readonly at: Date; readonly what: string }[];
}

/** A host may say anything, and what it says ends up on a card and in the record. */
const LONGEST_LINE = 400;

/** Undefined when nothing is framed by `word`, or what is cannot be read. */
export function readHelperAnswer(text: string, word: string): HelperAnswer | undefined {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1, word.length + LONGEST_LINE).trim());
  if (lines.length === 0) return undefined;
  const pairs = (kind: string) =>
    new Map(
      lines
        .map((line) => new RegExp(`^${kind} (\\S+) ?(.*)$`).exec(line))
        .flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const])),
    );
  const wordsOf = (kind: string) =>
    lines
      .find((line) => line.startsWith(`${kind} `))
      ?.split(' ')
      .slice(1) ?? null;
  const [, state = null, detail = ''] =
    /^state (\S+) ?(.*)$/.exec(lines.findLast((l) => l.startsWith('state ')) ?? '') ?? [];
  const [refused, failed] = [wordsOf('refused'), wordsOf('failed')];
  if (state === null && refused === null && failed === null) return undefined;
  return {
    state,
    detail,
    refused,
    failed,
    values: pairs('value'),
    conflicts: pairs('conflict'),
    stuck: pairs('undo-failed'),
    shadowed: pairs('shadowed'),
    foreign: pairs('foreign'),
    superseded: pairs('superseded'),
    foreignLines: pairs('foreign-line'),
    extended: [...pairs('extended').keys()],
    journal: lines.flatMap((line) => {
      const [, seconds, what] = /^journal (\d{9,11}) (.*)$/.exec(line) ?? [];
      return seconds === undefined ? [] : [{ at: new Date(Number(seconds) * 1000), what: (what ?? '').trim() }];
    }),
  };
}
