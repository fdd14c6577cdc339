/** What came of asking a host one thing. Absent, unreadable and garbled are three different facts, and none of them is zero. */

/** Why something is not known, as data: each surface has its own sentence for each code. `what` names the file, line or limit. */
export interface Reason {
  readonly code: ReasonCode;
  readonly what: string;
  /** The reading asked for, such as `sockets` or `sysctl:net.core.somaxconn`; the engine adds it. */
  readonly reading?: string;
}

/** The one list: a recording's file names, and the words of each language, go by it too. */
export const REASON_CODES = [
  'absent',
  'no-permission',
  'no-command',
  'too-slow',
  'too-large',
  'too-long',
  'cut-off',
  'failed',
  'unexpected-line',
  'needs-second-sample',
  'counters-reset',
  'too-quiet',
  'not-collected',
] as const;

export type ReasonCode = (typeof REASON_CODES)[number];

export type Reading<T> = Read<T> | Missing;

export interface Read<T> {
  readonly kind: 'read';
  readonly value: T;
}

/** A reading without a value. */
export interface Missing {
  readonly kind: 'absent' | 'unreadable' | 'garbled';
  readonly reason: Reason;
}

export function read<T>(value: T): Read<T> {
  return { kind: 'read', value };
}

/** The host has no such thing: the file, the counter, the command does not exist there. */
export function absent(what: string): Missing {
  return { kind: 'absent', reason: { code: 'absent', what: shortened(what) } };
}

export type UnreadableCode = Exclude<ReasonCode, 'absent' | 'unexpected-line'>;

export function isUnreadableCode(text: string): text is UnreadableCode {
  return text !== 'absent' && text !== 'unexpected-line' && (REASON_CODES as readonly string[]).includes(text);
}

/** The host has it, or may have it, but it could not be read. */
export function unreadable(code: UnreadableCode, what: string): Missing {
  return { kind: 'unreadable', reason: { code, what: shortened(what) } };
}

/** Whether the host may have it all the same. That it is absent is an answer, and a rule may go on with it. */
export function isUnknown(reading: Reading<unknown>): reading is Missing {
  return reading.kind === 'unreadable' || reading.kind === 'garbled';
}

/** The host answered something this version cannot read; `line` counts from 1. */
export function garbled(line: number, text: string): Missing {
  return { kind: 'garbled', reason: { code: 'unexpected-line', what: `line ${line}: ${shortened(text)}` } };
}

/** It names something; a host could make it a megabyte, and it is copied into every verdict that lacks the reading. */
const LONGEST = 120;

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
