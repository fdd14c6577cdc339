/** Reads what the kernel helper says (helper.sh has the words). Pure; a line that is not framed by our word is a login banner's. */

export const KERNEL_STATES = [
  'none',
  'installing',
  'installed',
  'booting',
  'verifying',
  'trial',
  'keeping',
  'kept',
  'reverting',
  'reverted',
  'fell-back',
  'failed',
] as const;

export const PREPARE_STATES = ['none', 'installing', 'prepared', 'failed'] as const;

export type KernelState = (typeof KERNEL_STATES)[number];

/** `seconds` until a port was free again, where `ports` had run out; `perSecond`, the connections that these ports carry in the long run. */
export interface Measured {
  readonly perSecond: number;
  readonly ports: number;
  readonly seconds: number;
}

export interface Services {
  /** As systemctl is-system-running says it; `unknown` where there is no systemd. */
  readonly state: string;
  readonly failed: readonly string[];
}

export interface KernelAnswer {
  /** Null when it named none that is known. `words`: the step, why, the code and its text. */
  readonly state: { readonly name: KernelState; readonly words: readonly string[] } | null;
  /** Of a trial; null outside one. */
  readonly secondsLeft: number | null;
  /** Of build dependencies; null when it was not asked. */
  readonly prepare: { readonly name: (typeof PREPARE_STATES)[number]; readonly text: string } | null;
  /** Why nothing was changed: a code and its words. */
  readonly refused: readonly string[] | null;
  /** The release that the change installs. */
  readonly release: string | null;
  readonly running: string | null;
  readonly bootId: string | null;
  readonly measured: { readonly before: Measured | null; readonly after: Measured | null };
  readonly services: { readonly before: Services | null; readonly after: Services | null };
  /** Orders to prolong the trial that were carried out, by their token. */
  readonly extended: readonly string[];
  readonly version: number | null;
  /** The host's own account, oldest first. */
  readonly journal: readonly { readonly at: Date; readonly what: string }[];
}

/** A host may say anything, and what it says ends up on a card and in the record. */
const LONGEST_LINE = 400;
const MOST_LINES = 500;
const MOST_UNITS = 20;

/** Undefined when nothing is framed by `word`, or what is cannot be read. */
export function readKernelAnswer(text: string, word: string): KernelAnswer | undefined {
  const lines = framed(text, word);
  const last = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).findLast((match) => match !== null);
  const state = stateIn(last(/^state ([a-z-]+) ?(.*)$/));
  const prepare = prepareIn(last(/^prepare ([a-z]+) ?(.*)$/));
  const refused = wordsOf(last(/^refused (.+)$/)?.[1]);
  const version = last(/^version (\d{1,6}) protocol \d{1,6}$/)?.[1];
  if (state === null && prepare === null && refused === null && version === undefined) return undefined;
  return {
    state,
    secondsLeft: state?.name === 'trial' ? whole(state.words[0]) : null,
    prepare,
    refused,
    release: last(/^release ([A-Za-z0-9._+~-]{1,64})$/)?.[1] ?? null,
    running: last(/^running ([A-Za-z0-9._+~-]{1,64})$/)?.[1] ?? null,
    bootId: last(/^boot-id ([0-9a-f-]{36})$/)?.[1] ?? null,
    measured: { before: measuredIn(last(MEASURED.before)), after: measuredIn(last(MEASURED.after)) },
    services: { before: servicesIn(last(SERVICES.before)), after: servicesIn(last(SERVICES.after)) },
    extended: lines.flatMap((line) => /^extended ([a-z0-9]{1,32})$/.exec(line)?.[1] ?? []),
    version: version === undefined ? null : Number(version),
    journal: lines.flatMap(entryIn),
  };
}

const MEASURED = {
  before: /^measured before (\d{1,7}(?:\.\d{1,3})?) (\d{1,5}) (\d{1,4}(?:\.\d{1,3})?)$/,
  after: /^measured after (\d{1,7}(?:\.\d{1,3})?) (\d{1,5}) (\d{1,4}(?:\.\d{1,3})?)$/,
};
const SERVICES = { before: /^services before ([a-z]+)((?: \S+)*)$/, after: /^services after ([a-z]+)((?: \S+)*)$/ };

type Match = RegExpExecArray | undefined;

function framed(text: string, word: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${word} `))
    .slice(-MOST_LINES)
    .map((line) => line.slice(word.length + 1, word.length + LONGEST_LINE).trim());
}

function stateIn(match: Match): KernelAnswer['state'] {
  const name = KERNEL_STATES.find((known) => known === match?.[1]);
  return name === undefined ? null : { name, words: wordsOf(match?.[2]) ?? [] };
}

function prepareIn(match: Match): KernelAnswer['prepare'] {
  const name = PREPARE_STATES.find((known) => known === match?.[1]);
  return name === undefined ? null : { name, text: match?.[2] ?? '' };
}

function measuredIn(match: Match): Measured | null {
  if (match === undefined) return null;
  const [, perSecond, ports, seconds] = match;
  return { perSecond: Number(perSecond), ports: Number(ports), seconds: Number(seconds) };
}

function servicesIn(match: Match): Services | null {
  if (match === undefined) return null;
  return { state: match[1] ?? '', failed: (wordsOf(match[2]) ?? []).slice(0, MOST_UNITS) };
}

function entryIn(line: string): KernelAnswer['journal'] {
  const [, seconds, what] = /^journal (\d{9,11}) (.*)$/.exec(line) ?? [];
  return seconds === undefined ? [] : [{ at: new Date(Number(seconds) * 1000), what: what ?? '' }];
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,6}$/.test(text) ? Math.max(0, Number(text)) : null;
}

/** Null when there are none. */
function wordsOf(text: string | undefined): readonly string[] | null {
  const words = (text ?? '').split(' ').filter((word) => word !== '');
  return words.length === 0 ? null : words;
}
