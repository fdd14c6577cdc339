/** Somebody no longer wants a check: its run ends now, and whoever runs it stops, on the host too. */
import type { Actor, Check, CheckId } from '#domain/check.ts';
import type { Announce } from './card-ports.ts';
import type { CheckQueue, Store } from './check-ports.ts';

export interface CancelTools extends Pick<Store, 'runs'> {
  readonly queue: CheckQueue;
  readonly announce: Announce;
}

export type Cancelled = { readonly kind: 'cancelled' | 'ended'; readonly run: Check } | { readonly kind: 'unknown' };

/** Rejects with a StoreDown. */
export async function cancelCheck(id: CheckId, by: Actor, { runs, queue, announce }: CancelTools): Promise<Cancelled> {
  const run = await runs.find(id);
  if (run === undefined) return { kind: 'unknown' };
  const cancelled = await runs.end({ ...run, attempt: null }, { kind: 'cancelled', by });
  if (cancelled === undefined) return { kind: 'ended', run };
  if ((await queue.remove(id)) === 'running') await queue.stop(id);
  await announce({ kind: 'check', id }, 'now');
  return { kind: 'cancelled', run: cancelled };
}
