/** The log of a build, from the host that builds: portion by portion, and on, while it grows. What was shown is not shown again. */
import type { ChangeId } from '#domain/change.ts';
import type { CommandResult } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { runnerInput } from '#kinds/kernel/runner.ts';
import { type RunnerState, readLogPart, readRunnerAnswer } from '#kinds/kernel/runner-answer.ts';
import type { RunOnHost } from './ports.ts';

export interface LogWanted {
  readonly id: ChangeId;
  readonly builder: Host;
  /** The only key that it may show; null = each that is known for it. */
  readonly hostKey: string | null;
  /** Until the build is over; else up to what there is now. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface LogTools {
  readonly run: RunOnHost;
  /** Random letters and digits that frame an answer. */
  readonly word: () => string;
  readonly show: (text: string) => void;
  /** Until the host is asked again, where it said nothing new. */
  readonly pause: () => Promise<unknown>;
  /** The host does not answer; it is asked again. Once until it answers. */
  readonly onSilence: (result: CommandResult) => void;
}

export type LogEnd =
  | { readonly kind: 'shown' }
  /** The host has no such job: it never began there, or was cleared away. */
  | { readonly kind: 'no-log' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'failed'; readonly result: CommandResult };

const DEADLINE_MS = 30_000;
/** A portion is at most 64 KiB, in lines that each begin with the word. */
const MAX_BYTES = 4 * 1024 * 1024;
const SILENT: readonly CommandResult['kind'][] = ['unreachable', 'refused', 'connection-lost', 'timed-out'];
const GROWING: readonly RunnerState['kind'][] = ['queued', 'building', 'interrupted'];

/** Never throws for anything that a host or a network does. */
export async function followLog(wanted: LogWanted, tools: LogTools): Promise<LogEnd> {
  let offset = 0;
  let isSilent = false;
  while (!wanted.signal.aborted) {
    const answer = await ask(wanted, offset, tools);
    const silence = answer.kind === 'failed' && isPassing(answer.result, wanted) ? answer.result : undefined;
    if (answer.kind !== 'part' && silence === undefined) return answer;
    if (silence !== undefined && !isSilent) tools.onSilence(silence);
    isSilent = silence !== undefined;
    const { after, next } =
      answer.kind === 'part' ? take(answer, offset, wanted, tools) : { after: 'pause', next: offset };
    offset = next;
    if (after === 'end') break;
    if (after === 'pause') await tools.pause();
  }
  return { kind: 'shown' };
}

function isPassing({ kind }: CommandResult, { follow }: LogWanted): boolean {
  return follow && SILENT.includes(kind);
}

/** What is left of a line comes when the line is whole, or the build over. */
function take({ text, next, size, isOver }: Part, offset: number, { follow }: LogWanted, { show }: LogTools) {
  show(text);
  const isNews = next > offset;
  const reached = Math.max(offset, next);
  if (isNews && reached < size) return { after: 'at once', next: reached };
  return { after: !follow || (isOver && reached >= size) ? 'end' : 'pause', next: reached };
}

interface Part {
  readonly kind: 'part';
  readonly text: string;
  readonly next: number;
  readonly size: number;
  readonly isOver: boolean;
}

type Answer = Part | Exclude<LogEnd, { kind: 'shown' }>;

async function ask(
  { id, builder, hostKey, signal }: LogWanted,
  offset: number,
  { run, word }: LogTools,
): Promise<Answer> {
  const framed = word();
  const result = await run(builder, {
    input: runnerInput(framed, id, { verb: 'log', offset }),
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
    signal,
    ...(hostKey !== null && { hostKey }),
  });
  return result.kind === 'exited' ? read(result.stdout, framed, offset) : { kind: 'failed', result };
}

function read(said: string, word: string, offset: number): Answer {
  const state = readRunnerAnswer(said, word)?.state.kind;
  if (state === undefined) return { kind: 'unreadable' };
  if (state === 'none') return { kind: 'no-log' };
  // What waits for another build has no log yet.
  const part = readLogPart(said, word) ?? { text: '', next: offset, size: offset };
  return { kind: 'part', ...part, isOver: !GROWING.includes(state) };
}
