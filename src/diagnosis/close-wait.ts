/** CLOSE_WAIT sockets that a process holds: the peer has closed, and only that process can end them. */
import type { Reading } from '#domain/reading.ts';
import type { Listeners } from '#evidence/listeners.ts';
import type { Sockets } from '#evidence/sockets.ts';

export interface CloseWait {
  readonly total: number;
  /** Of `total`: still in an accept queue, so no process has them yet. Seen, and the most there can be. */
  readonly unaccepted: { readonly seen: number; readonly most: number };
}

/** Sockets outside the listed groups may wait in an accept queue too, but no more than wait there altogether. */
export function closeWait({ states, closeWait: groups }: Sockets, listeners: Reading<Listeners>): CloseWait {
  const total = states['close-wait'];
  const seen = groups.reduce((sum, { unaccepted }) => sum + unaccepted, 0);
  const unlisted = Math.max(0, total - groups.reduce((sum, { sockets }) => sum + sockets, 0));
  const waiting = Math.max(0, waitingIn(listeners) - seen);
  return { total, unaccepted: { seen, most: seen + Math.min(unlisted, waiting) } };
}

function waitingIn(listeners: Reading<Listeners>): number {
  if (listeners.kind !== 'read' || listeners.value.omitted > 0) return Number.POSITIVE_INFINITY;
  return listeners.value.listeners.reduce((sum, { waiting }) => sum + waiting, 0);
}
