/** Has the host of a change asked in a moment, once however many want it. */
import { askAgain } from '#change/due.ts';
import type { ChangeId } from '#domain/change.ts';
import type { AdvanceTools } from './advance-ports.ts';

export function advanceSoon(id: ChangeId, { queue, now }: Pick<AdvanceTools, 'queue' | 'now'>): Promise<void> {
  const { key, delayMs } = askAgain(now());
  return queue.add(id, 'advance', key, delayMs);
}
