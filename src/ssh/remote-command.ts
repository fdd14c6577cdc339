/**
 * The command line that sshd hands to the account's login shell, whichever that is: sh, csh and fish agree on plain
 * words and on single quotes with no quote, backslash, exclamation mark or newline inside, so nothing else is sent.
 * The first thing that runs says its process id on stderr after a random mark: sshd made it the leader of a session,
 * and by that id the session is ended. The mark is an argument too, for the time before that.
 */
import type { Command, CommandInput } from '#domain/command.ts';
import type { Executed } from './execute.ts';
import { packScript } from './pack-script.ts';

export interface RemoteCommand {
  readonly line: string;
  readonly stdin: string | Buffer | undefined;
}

/** EX_UNAVAILABLE of sysexits.h. */
const NO_GZIP = 69;

/** Characters that mean only themselves to every shell. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/** `mark` is letters, digits and dashes. */
export function remoteCommand(input: CommandInput, mark: string): RemoteCommand {
  const announce = `echo ${mark} $$ >&2`;
  if (input.kind === 'script' && input.packed) {
    const unpack = `command -v gzip >/dev/null || exit ${NO_GZIP}; script=$(exec gzip -dc) && eval "$script"`;
    return { line: `exec sh -c '${announce}; ${unpack}' ${mark}`, stdin: packScript(input.script) };
  }
  if (input.kind === 'script') return { line: `exec sh -s ${mark}`, stdin: `${announce}\n${input.script}` };
  return { line: `exec sh -c '${announce}; ${execute(input.argv)}' ${mark}`, stdin: input.stdin };
}

/** The request to make instead of a packed one that ended so: undefined unless the host has no gzip. */
export function unpacked(request: Command, ended: Executed): Command | undefined {
  const { input } = request;
  if (input.kind !== 'script' || !input.packed || ended.kind !== 'exited') return undefined;
  if (ended.code !== NO_GZIP || ended.stdout !== '') return undefined;
  return { ...request, input: { kind: 'script', script: input.script } };
}

function execute(argv: readonly string[]): string {
  if (argv.every((word) => PLAIN.test(word))) return `exec ${argv.join(' ')}`;
  return `eval "exec $(printf %b "${octal(argv.map(quote).join(' '))}")"`;
}

/** POSIX sh: within single quotes everything but the single quote stands for itself. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** For printf %b, whose octal escapes begin with a zero. */
function octal(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return PLAIN.test(character) && character !== '%' ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
    })
    .join('');
}
