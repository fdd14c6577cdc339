/** What comes of a command on a host that is not there. */
import type { CommandResult } from '#domain/command.ts';

export const NO_OUTPUT = { stdout: '', stderr: '', bytes: 0, milliseconds: 1, hostKey: null } as const;

export const UNREACHABLE: CommandResult = { ...NO_OUTPUT, kind: 'unreachable', why: 'no route' };

export function exited(stdout: string, code = 0): CommandResult {
  return { ...NO_OUTPUT, kind: 'exited', code, stdout, bytes: stdout.length };
}
