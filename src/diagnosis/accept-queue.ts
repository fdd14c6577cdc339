/** The accept queues of a host, as seen at several looks about a second apart, and which of the two limits holds each. Pure. */

import { groupBy } from '#domain/group-by.ts';
import { highest } from '#domain/highest.ts';
import type { Reading } from '#domain/reading.ts';
import type { AcceptQueue, AcceptQueues } from '#evidence/accept-queues.ts';
import type { Listener, Listeners } from '#evidence/listeners.ts';

export interface SeenQueue {
  readonly address: string;
  readonly port: number;
  /** Send-Q of the listener: min(listen() backlog, somaxconn); null where it cannot be seen. */
  readonly cap: number | null;
  /** Connections waiting at each look, oldest first; the last look is the newest list of listeners. */
  readonly waiting: readonly number[];
  /** Listening sockets with this address, port and cap: with SO_REUSEPORT each has a queue of its own, and the fullest counts. */
  readonly sockets: number;
}

/** One connection that is just being accepted is no queue. */
export const QUEUE_AT_LEAST = 2;

/** Fewer looks than this cannot tell a queue that stays from one met twice by chance. */
const LOOKS_AT_LEAST = 3;

/** Nobody notices this much before the first byte. */
const UNNOTICED_SECONDS = 0.05;

/** Every listening address, port and cap once, the fullest first. Where accept queues were not looked at each second, one look is what there is. */
export function seenQueues({ listeners }: Listeners, looked: Reading<AcceptQueues>): readonly SeenQueue[] {
  const { looks, queues } = looked.kind === 'read' ? looked.value : { looks: 0, queues: [] };
  const [byCap, byEndpoint] = [groupBy(queues, capped), groupBy(queues, listenerName)];
  return [...groupBy(listeners, capped).values()]
    .flatMap((group) => {
      const [one] = group;
      if (one === undefined) return [];
      const seen = one.cap === null ? byEndpoint.get(listenerName(one)) : byCap.get(capped(one));
      return [seenQueue(one, group, seen ?? [], looks)];
    })
    .sort(fullerFirst);
}

/** `group`: the listeners with the address, port and cap of `one`. */
function seenQueue(
  { address, port, cap }: Listener,
  group: readonly Listener[],
  seen: readonly AcceptQueue[],
  looks: number,
): SeenQueue {
  const atLook = (look: number) => highest(seen.map(({ waiting }) => waiting[look] ?? 0));
  const newest = highest(group.map(({ waiting }) => waiting));
  const waiting = [...Array.from({ length: looks }, (_, look) => atLook(look)), newest];
  return { address, port, cap, waiting, sockets: group.length };
}

function capped(one: Pick<SeenQueue, 'address' | 'port' | 'cap'>): string {
  return `${listenerName(one)} ${one.cap}`;
}

/** `0.0.0.0:80`, `[::1]:80`, `*:80`. */
export function listenerName({ address, port }: Pick<SeenQueue, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function fullerFirst(a: SeenQueue, b: SeenQueue): number {
  return fill(b) - fill(a) || peak(b) - peak(a);
}

/** Most connections seen waiting at one look. */
export function peak({ waiting }: SeenQueue): number {
  return highest(waiting);
}

/** Share of its places, cap + 1, taken at the fullest look. A queue whose cap is not known counts as one of 128. */
export function fill(queue: SeenQueue): number {
  return peak(queue) / ((queue.cap ?? 128) + 1);
}

/** The kernel refuses when more than `cap` are waiting, so a full queue holds cap + 1 (sk_acceptq_is_full, include/net/sock.h). */
export function fullLooks(queue: SeenQueue): number {
  return looksWith(queue, (queue.cap ?? Number.POSITIVE_INFINITY) + 1);
}

export function halfFullLooks(queue: SeenQueue): number {
  return looksWith(queue, (queue.cap ?? Number.POSITIVE_INFINITY) / 2);
}

/** Looks at which a queue of any length was there. */
export function waitingLooks(queue: SeenQueue): number {
  return looksWith(queue, QUEUE_AT_LEAST);
}

/** Looks at which as many were waiting as listen() asked for, or one more. */
export function looksAtCap(queue: SeenQueue): number {
  return looksWith(queue, queue.cap ?? Number.POSITIVE_INFINITY);
}

function looksWith({ waiting }: SeenQueue, atLeast: number): number {
  return waiting.filter((count) => count >= Math.max(atLeast, QUEUE_AT_LEAST)).length;
}

/**
 * Whether accept() takes connections as fast as they come; null when there were too few looks to say that it does not.
 * `arriving`: new connections a second of the whole host, null = not known.
 */
export function keepsUp(queue: SeenQueue, arriving: number | null): boolean | null {
  if (waitingLooks(queue) < queue.waiting.length || isPassing(queue, arriving)) return true;
  return queue.waiting.length < LOOKS_AT_LEAST ? null : false;
}

/** On a busy listener some few are always waiting, each of them for milliseconds. A queue that never got shorter is another matter. */
function isPassing(queue: SeenQueue, arriving: number | null): boolean {
  const shrank = queue.waiting.some((count, look) => count < (queue.waiting[look - 1] ?? 0));
  return arriving !== null && shrank && fill(queue) < 0.1 && peak(queue) < arriving * UNNOTICED_SECONDS;
}

export type Limiter = 'application' | 'somaxconn';

/** Which of the two made the cap: the application's listen(), or net.core.somaxconn when listen() asked for as much or more. */
export function limiterOf({ cap }: SeenQueue, somaxconn: number): Limiter | null {
  if (cap === null) return null;
  return cap < somaxconn ? 'application' : 'somaxconn';
}
