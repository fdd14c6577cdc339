/** Reads what the runner of a build host says (runner.sh has its lines). Pure; a host may say anything, and what it says ends up on a card. */

export type RunnerState =
  /** It has not begun here. */
  | { readonly kind: 'none' }
  /** `owner`: the job that builds; null when the host does not say. */
  | { readonly kind: 'queued'; readonly owner: string | null }
  | { readonly kind: 'building' }
  /** `manifest`: its SHA-256. */
  | { readonly kind: 'built'; readonly manifest: string }
  | { readonly kind: 'failed'; readonly code: string; readonly text: string }
  | { readonly kind: 'cancelled' }
  /** And could not be made to go on yet. */
  | { readonly kind: 'interrupted'; readonly by: 'killed' | 'reboot' };

export interface RunnerEvent {
  readonly line: number;
  readonly at: Date;
  readonly kind: string;
  readonly text: string;
}

export interface RunnerAnswer {
  readonly state: RunnerState;
  readonly stage: Stage | null;
  /** Only of what is building. */
  readonly progress: Progress | null;
  /** The log's last line. */
  readonly last: string;
  readonly events: readonly RunnerEvent[];
  /** Of the last event that is shown: where to go on. Null where the host does not say. */
  readonly line: number | null;
  /** Packages that the host lacks. */
  readonly missing: readonly string[];
  /** How many processes a cancel has ended; null where it ended none, because it was over. */
  readonly ended: number | null;
}

export interface Progress {
  /** 0 to 99; null while the host cannot tell. */
  readonly percent: number | null;
  readonly etaSeconds: number | null;
  /** Since the log grew last. */
  readonly quietSeconds: number;
}

export interface LogPart {
  readonly state: RunnerState;
  /** Bytes. The next part begins at `next`; there is no more yet where that is `size`. */
  readonly from: number;
  readonly next: number;
  readonly size: number;
  readonly text: string;
}

const STAGES = ['unpack', 'patch', 'configure', 'compile', 'package', 'check'] as const;
export type Stage = (typeof STAGES)[number];

const MOST_EVENTS = 40;
const MOST_MISSING = 200;
const LONGEST_TEXT = 200;
const MOST_LOG_BYTES = 65_536;

/** Undefined when nothing framed by `word` says a state that can be read. */
export function readRunnerAnswer(text: string, word: string): RunnerAnswer | undefined {
  const lines = framed(text, word);
  const state = stateOf(lines);
  if (state === undefined) return undefined;
  const [progress] = lines.progress ?? [];
  return {
    state,
    stage: STAGES.find((name) => name === lines.stage?.[0]) ?? null,
    progress: progress === undefined ? null : readProgress(progress),
    last: printable(lines.last?.[0] ?? ''),
    events: (lines.event ?? []).slice(0, MOST_EVENTS).flatMap(readEvent),
    line: whole(lines.line?.[0]),
    missing: (lines.missing ?? []).slice(0, MOST_MISSING).filter((name) => PACKAGE.test(name)),
    ended: whole(lines.ended?.[0]),
  };
}

/** Undefined when nothing framed by `word` says a state and where the part is. */
export function readLogPart(text: string, word: string): LogPart | undefined {
  const lines = framed(text, word);
  const state = stateOf(lines);
  const [from, next, size, ...more] = (lines.log?.[0] ?? '').split(' ').map(whole);
  if (state === undefined || more.length > 0) return undefined;
  if (typeof from !== 'number' || typeof next !== 'number' || typeof size !== 'number') return undefined;
  if (from > next || next > size || next - from > MOST_LOG_BYTES) return undefined;
  return { state, from, next, size, text: (lines.text ?? []).map((line) => `${line}\n`).join('') };
}

const KEYWORDS = ['state', 'stage', 'progress', 'last', 'event', 'line', 'missing', 'ended', 'log', 'text'] as const;

type Lines = { readonly [name in (typeof KEYWORDS)[number]]?: readonly string[] };

/** What follows each keyword, in order. Lines that do not begin with our word are a login banner's. */
function framed(text: string, word: string): Lines {
  const lines: { [name in (typeof KEYWORDS)[number]]?: string[] } = {};
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${word} `)) continue;
    const rest = line.slice(word.length + 1);
    const keyword = KEYWORDS.find((name) => rest === name || rest.startsWith(`${name} `));
    if (keyword === undefined) continue;
    lines[keyword] ??= [];
    lines[keyword].push(rest.slice(keyword.length + 1));
  }
  return lines;
}

/** The last one counts: the host decides while it answers. */
function stateOf({ state }: Lines): RunnerState | undefined {
  const said = state?.at(-1);
  if (said === undefined) return undefined;
  const [kind, ...details] = said.split(' ');
  const [first = ''] = details;
  switch (kind) {
    case 'none':
    case 'building':
    case 'cancelled':
      return { kind };
    case 'queued':
      return { kind, owner: JOB.test(first) ? first : null };
    case 'built':
      return SHA256.test(first) ? { kind, manifest: first } : undefined;
    case 'failed':
      return CODE.test(first) ? { kind, code: first, text: printable(details.slice(1).join(' ')) } : undefined;
    case 'interrupted':
      return first === 'killed' || first === 'reboot' ? { kind, by: first } : undefined;
    default:
      return undefined;
  }
}

const JOB = /^[a-z2-7]{8}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const CODE = /^[a-z][a-z-]{0,39}$/;
const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9._+:()/-]{0,99}$/;

function readProgress(said: string): Progress | null {
  const [percent, eta, quiet, ...more] = said.split(' ');
  const quietSeconds = whole(quiet);
  if (quietSeconds === null || more.length > 0) return null;
  return { percent: atMost(99, whole(percent)), etaSeconds: whole(eta), quietSeconds };
}

function atMost(most: number, value: number | null): number | null {
  return value === null ? null : Math.min(most, value);
}

const LINE_OF_EVENT = /^(\d{1,9}) (\d{9,11}) ([a-z][a-z-]{0,39})(?: (.*))?$/;

function readEvent(said: string): readonly RunnerEvent[] {
  const [, line, seconds, kind, text = ''] = LINE_OF_EVENT.exec(said) ?? [];
  if (kind === undefined) return [];
  return [{ line: Number(line), at: new Date(Number(seconds) * 1000), kind, text: printable(text) }];
}

/** A whole number of at most fifteen digits, which a double holds exactly; null for anything else. */
function whole(said: string | undefined): number | null {
  return said !== undefined && /^\d{1,15}$/.test(said) ? Number(said) : null;
}

/** At most 200 printable ASCII characters. */
function printable(text: string): string {
  return text
    .slice(0, LONGEST_TEXT)
    .replaceAll(/[^ -~]/g, '?')
    .trim();
}
