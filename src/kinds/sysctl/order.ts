/** What the host is told for each deed: one run of the helper with fixed words, the bound text on its stdin. Pure. */
import { type Approved, type Deed, EXTENDED_MINUTES, extendToken, type Order } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import { PROTOCOL } from '#domain/helper-state.ts';
import type { Plan } from '#domain/plan.ts';
import { orderText } from '../root-program.ts';
import { HELPER_PATH } from './helper.ts';

const DEADLINE_MS = 60_000;
const MAX_BYTES = 256 * 1024;

/** As root where the login is root's, else through the one rule that sudo has for us. */
const AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec "$0" "$@"; else exec sudo -n "$0" "$@"; fi';

export function order(change: Change<Plan>, deed: Deed, word: string, approved: Approved | null): Order {
  const words = wordsOf(change, deed, approved !== null);
  const argv = ['sh', '-c', AS_ROOT, HELPER_PATH, String(PROTOCOL), word, ...words] as const;
  const isOrder = words[0] === 'apply' || words[0] === 'keep';
  const stdin = isOrder && approved !== null ? orderText(approved.text, approved.signatures) : '';
  return { input: { kind: 'argv', argv, stdin }, deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES };
}

function wordsOf(change: Change<Plan>, deed: Deed, isApproved: boolean): readonly string[] {
  const { id, reverts } = change;
  // To take back what was kept is told again and again: only asked, the host could say "kept" just before an order that is still on its way.
  if (reverts !== null) return [isApproved ? 'revert' : 'status', reverts];
  switch (deed) {
    case 'begin':
      return [gateOf(change)?.name ?? '', id];
    case 'extend':
      return ['extend', id, String(EXTENDED_MINUTES * 60), extendToken(change)];
    case 'revert':
      // What was kept meanwhile is taken back by a change of its own.
      return ['revert', id, 'trial'];
    case 'look':
    case 'cancel':
      return ['status', id];
  }
}
