/** How many half-open connections (SYN_RECV) a listener holds before it answers with cookies or drops. Pure. */
import { groupBy } from '#domain/group-by.ts';
import type { Listener } from '#evidence/listeners.ts';
import type { InboundPort } from '#evidence/sockets.ts';
import { kernelAtLeast } from './kernel-version.ts';

export interface SynQueue {
  readonly port: number;
  readonly halfOpen: number;
  /** Of all the port's listening sockets together; null where a cap cannot be seen. */
  readonly limit: number | null;
}

/** Fewer than this are in every queue whose clients are far away, and say nothing about a tiny backlog. */
const HALF_OPEN_AT_LEAST = 8;

/** Of each listening port with half-open connections, the fullest first. */
export function synQueues(
  inbound: readonly InboundPort[],
  listeners: readonly Listener[],
  kernel: { readonly release: string; readonly maxSynBacklog: number | null },
): readonly SynQueue[] {
  const byPort = [...groupBy(listeners, ({ port }) => port)];
  const limits = new Map(byPort.map(([port, own]) => [port, sumOrNull(own.map(({ cap }) => limitOf(cap, kernel)))]));
  return inbound
    .filter(({ synRecv }) => synRecv > 0)
    .map(({ port, synRecv }) => ({ port, halfOpen: synRecv, limit: limits.get(port) ?? null }))
    .toSorted((a, b) => fill(b) - fill(a));
}

export function isFull(queue: SynQueue): boolean {
  return queue.halfOpen >= HALF_OPEN_AT_LEAST && queue.limit !== null && queue.halfOpen >= queue.limit;
}

function fill({ halfOpen, limit }: SynQueue): number {
  return halfOpen / (limit ?? 128);
}

/**
 * Since 4.3 the accept queue's cap, and one more (inet_csk_reqsk_queue_is_full). Before, the next power of two above
 * max(8, min(cap, tcp_max_syn_backlog)) + 1, fixed at listen() (reqsk_queue_alloc).
 */
function limitOf(
  cap: number | null,
  { release, maxSynBacklog }: { readonly release: string; readonly maxSynBacklog: number | null },
): number | null {
  if (cap === null) return null;
  if (kernelAtLeast(release, 4, 3)) return cap + 1;
  if (maxSynBacklog === null) return null;
  return 2 ** Math.ceil(Math.log2(Math.max(8, Math.min(cap, maxSynBacklog)) + 1));
}

function sumOrNull(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}
