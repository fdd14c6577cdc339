/** Checks the change helper on a host: one command of fixed words, the order on its stdin. */

import type { CommandResult } from '#domain/command.ts';
import { PROTOCOL } from '#domain/helper-state.ts';
import type { Host } from '#domain/host.ts';
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { readHelperAnswer } from '#kinds/sysctl/helper-answer.ts';
import type { HelperCall, HelperResult, RunHelper } from './change-ports.ts';
import type { RunOnHost } from './ports.ts';

const DEADLINE_MS = 60_000;
const MAX_BYTES = 256 * 1024;

/** As root where the login is root's, else through the one rule that sudo has for us. */
const AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec "$0" "$@"; else exec sudo -n "$0" "$@"; fi';

/** `word`: random letters and digits that frame the answer. */
export function createRunHelper(run: RunOnHost, word: () => string): RunHelper {
  return async (host: Host, call: HelperCall): Promise<HelperResult> => {
    const frame = word();
    const argv = ['sh', '-c', AS_ROOT, HELPER_PATH, String(PROTOCOL), frame, call.verb, ...wordsOf(call)] as const;
    const stdin = 'order' in call ? call.order : '';
    const result = await run(host, {
      input: { kind: 'argv', argv, stdin },
      deadlineMs: DEADLINE_MS,
      maxBytes: MAX_BYTES,
    });
    const answer = readHelperAnswer(result.stdout, frame);
    if (answer !== undefined && result.kind === 'exited') return { kind: 'answer', answer };
    return { kind: surelyNotBegun(result) ? 'not-done' : 'unclear', why: whyOf(result) };
  };
}

function wordsOf(call: HelperCall): readonly string[] {
  return call.verb === 'extend' ? [call.id, String(call.seconds), call.token] : [call.id];
}

/** Of sudo when it refuses, and of a shell that finds no such program. The helper itself always says a word. */
const NEVER_BEGUN: readonly number[] = [1, 126, 127];

function surelyNotBegun(result: CommandResult): boolean {
  if (result.kind === 'exited') return NEVER_BEGUN.includes(result.code);
  return !['connection-lost', 'timed-out', 'aborted', 'signalled', 'too-much-output'].includes(result.kind);
}

function whyOf(result: CommandResult): string {
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  switch (result.kind) {
    case 'exited':
      return result.code === 127 || /not found|No such file/.test(said) ? 'no-helper' : `sudo: ${said.slice(0, 200)}`;
    case 'signalled':
      return `ended by ${result.signal}`;
    default:
      return result.kind;
  }
}
