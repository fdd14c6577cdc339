/** Says in one sentence what kept a command from its work, and maps it to an exit status. */
import type { CheckFailure } from '#domain/report.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { type Words, wordFailure } from '#render/words.ts';
import { STATUS, type Status } from './failure.ts';
import type { World } from './world.ts';

/** Errors whose message is a finished sentence for the person who typed the command. */
const EXPECTED = ['UsageError', 'BrokenTextError', 'RecordingError', 'ServeError', 'SecretError'];
/** The same, of what we need and is away, or is not as we left it. */
const NOT_READY = ['AwayError', 'StoreBroken'];

/** What nobody expected is a fault of ours: said with its stack, and never with the status of findings. */
export function complain(error: unknown, json: boolean, world: World): Status {
  if (error instanceof Error && NOT_READY.includes(error.name)) return sayNotReady(error, json, world);
  if (!(error instanceof Error) || !EXPECTED.includes(error.name)) return confess(error, json, world);
  sayError({ error: 'usage', message: error.message, next: '' }, json, world);
  return STATUS.usage;
}

/** What is away may come back: a supervisor may start us again, as it must not where the configuration is wrong. */
function sayNotReady({ name, message }: Error, json: boolean, world: World): Status {
  sayError({ error: name === 'AwayError' ? 'away' : 'broken', message, next: '' }, json, world);
  return STATUS.unchecked;
}

function confess(error: unknown, json: boolean, world: World): Status {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  sayError({ error: 'internal', message: `This is a fault in tcp-oncall: ${message}`, next: stack }, json, world);
  return STATUS.unchecked;
}

export interface Complaint {
  readonly error: string;
  readonly message: string;
  readonly next: string;
}

/** On stderr for people; with --json on stdout too, so that a program always gets one document. */
export function sayError({ error, message, next }: Complaint, json: boolean, world: World): void {
  sayWarning({ message, next }, world);
  if (json) world.stdout.write(`${neutralJson({ schema: 'tcp-oncall.error/1', error, message, next })}\n`);
}

/** On stderr; of what keeps no command from its work, all that is said. */
export function sayWarning({ message, next }: Omit<Complaint, 'error'>, { stderr }: World): void {
  stderr.write(`tcp-oncall: ${neutraliseLines(message)}\n${next === '' ? '' : `${neutraliseLines(next)}\n`}`);
}

/** Why a host could not be checked, or reached at all. */
export function sayFailure(failure: CheckFailure, words: Words, json: boolean, world: World): Status {
  sayError({ error: failure.kind, ...wordFailure(words, failure) }, json, world);
  return failure.kind === 'aborted' ? STATUS.interrupted : STATUS.unchecked;
}

function neutraliseLines(text: string): string {
  return text.split('\n').map(neutralise).join('\n');
}
