/** What it means that a program of root's has said nothing: whether it can have begun. Pure. */
import type { Deed, Observation } from '#change/kind.ts';
import { type CommandResult, neverRan } from '#domain/command.ts';

/** Of sudo when it refuses, and of a shell that finds no such program. The program itself always says a word. */
const NEVER_BEGUN: readonly number[] = [1, 126, 127];

/** To cancel is to ask: work that the host has begun goes on. */
export function isOrder(deed: Deed): boolean {
  return deed !== 'look' && deed !== 'cancel';
}

/** Of a host that was only asked, nothing is known. */
export function unanswered(deed: Deed, result: CommandResult): Observation {
  const why = whyOf(result);
  const never = result.kind === 'exited' ? NEVER_BEGUN.includes(result.code) : neverRan(result);
  if (!never || !isOrder(deed)) return { kind: 'unclear', why, isWord: false };
  return { kind: 'refused', failure: { code: why.startsWith('sudo') ? 'no-rights' : why, detail: why } };
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
