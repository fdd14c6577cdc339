/** What is said of the keys that a host did not take, whichever transport tried them. Pure. */
import type { Denied } from '#domain/command.ts';

const MOST_NAMES = 10;

/** Half a sentence at most. `isCutOff`: the host hung up over their number. */
export function triedKeys(rejected: readonly string[], isCutOff: boolean): readonly string[] {
  const names = rejected.slice(0, MOST_NAMES).join(', ');
  if (rejected.length === 0) return isCutOff ? ['it hung up after too many attempts'] : [];
  if (!isCutOff) return [`it accepted none of ${names}`];
  return [`it hung up after ${rejected.length} keys, and accepted none of ${names}`];
}

export function deniedFor(isCutOff: boolean, takesAKey: boolean): { readonly denied?: Denied } {
  if (isCutOff) return { denied: 'tooManyKeys' };
  return takesAKey ? {} : { denied: 'takesNoKey' };
}
