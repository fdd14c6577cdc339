/**
 * The ordered walk through an accept queue's trouble: does any overflow, whose queue, whose limit holds it, does accept()
 * keep up, and who accepts. Each step is a fact. Pure.
 */
import { type Delta, delta, perSecond } from '#domain/evidence.ts';
import { fact, flag, named, setting } from '#domain/fact.ts';
import type { Reading } from '#domain/reading.ts';
import {
  fullLooks,
  keepsUp,
  limiterOf,
  listenerName,
  peak,
  QUEUE_AT_LEAST,
  type SeenQueue,
  seenQueues,
  waitingLooks,
} from './accept-queue.ts';
import type { Given } from './diagnosis.ts';
import { ownerFacts } from './listener-owner.ts';

/** What a rule on the walk asks for. */
export const WALK = {
  needs: ['listeners', 'sysctl:net.core.somaxconn'],
  uses: ['accept-queues', 'processes', 'sockets'],
  usesChange: ['counter:TcpExt.ListenOverflows', 'counter:Tcp.PassiveOpens'],
} as const;

export type WalkGiven = Given<
  (typeof WALK)['needs'][number],
  never,
  (typeof WALK)['uses'][number],
  (typeof WALK)['usesChange'][number]
>;

export interface Walk {
  readonly somaxconn: number;
  /** Fullest first. */
  readonly queues: readonly SeenQueue[];
  readonly overflows: Reading<Delta<number>>;
  /** Connections that finished their handshake, all listeners. */
  readonly opened: Reading<Delta<number>>;
  /** Where the overflows are laid, since the kernel counts them per namespace and not per port; undefined = none. */
  readonly blamed: SeenQueue | undefined;
}

export function walkFrom({ now, maybe, maybeChange }: WalkGiven): Walk {
  const queues = seenQueues(now.listeners, maybe['accept-queues']);
  const overflows = maybeChange['counter:TcpExt.ListenOverflows'];
  const overflowed = overflows.kind === 'read' && delta(overflows.value) > 0;
  const blamed = overflowed ? suspect(queues, maybe.sockets) : undefined;
  const opened = maybeChange['counter:Tcp.PassiveOpens'];
  return { somaxconn: now['sysctl:net.core.somaxconn'], queues, overflows, opened, blamed };
}

/** The fullest queue that was seen; when no look found one, the listener with most connections for its size. */
function suspect(queues: readonly SeenQueue[], sockets: WalkGiven['maybe']['sockets']): SeenQueue | undefined {
  const [fullest] = queues;
  if (fullest === undefined || peak(fullest) >= QUEUE_AT_LEAST) return fullest;
  const inbound = sockets.kind === 'read' ? sockets.value.inbound : [];
  const totals = new Map(inbound.map(({ port, total }) => [port, total]));
  const crowd = ({ port, cap }: SeenQueue) => (totals.get(port) ?? 0) / ((cap ?? 128) + 1);
  return queues.toSorted((a, b) => crowd(b) - crowd(a) || (a.cap ?? 128) - (b.cap ?? 128))[0];
}

/** The steps of the walk for one queue, in their order; null where a step is not known. */
export function walkFacts(queue: SeenQueue | undefined, walk: Walk, { maybe }: WalkGiven) {
  const { somaxconn, overflows, opened } = walk;
  const cap = queue?.cap ?? null;
  const waiting = queue === undefined ? 0 : peak(queue);
  return {
    overflows: fact(rate(overflows), 'per-second', 'counter:TcpExt.ListenOverflows / seconds, all listeners'),
    overflowing: fact(overflows.kind === 'read' ? delta(overflows.value) > 0 : null, 'none', 'overflows > 0'),
    listener: named(queue === undefined ? null : listenerName(queue), 'listeners'),
    port: setting(queue?.port ?? null, 'listeners'),
    waiting: fact(waiting, 'connections', 'accept-queues, listeners: Recv-Q at the fullest look'),
    seen: flag(waiting > 0, 'waiting > 0'),
    cap: setting(cap, 'listeners: Send-Q'),
    capacity: fact(cap === null ? null : cap + 1, 'connections', 'cap + 1'),
    looks: fact(queue?.waiting.length ?? 0, 'events', 'accept-queues: looks, and one at the newest listeners'),
    fullLooks: fact(queue === undefined ? 0 : fullLooks(queue), 'events', 'looks with waiting > cap'),
    full: flag(queue !== undefined && fullLooks(queue) > 0, 'fullLooks > 0'),
    waitingLooks: fact(queue === undefined ? 0 : waitingLooks(queue), 'events', 'looks with 2 or more waiting'),
    somaxconn: setting(somaxconn, 'sysctl:net.core.somaxconn'),
    limitedBy: named(
      queue === undefined ? null : limiterOf(queue, somaxconn),
      'cap < somaxconn: application, else: somaxconn',
    ),
    lowered: flag(cap !== null && cap > somaxconn, 'cap > somaxconn'),
    keepsUp: fact(
      queue === undefined ? null : keepsUp(queue, rate(opened)),
      'none',
      'waitingLooks < looks, or each waits under 50 ms',
    ),
    ...ownerFacts(queue?.port, maybe.processes),
    ...delayFacts(queue, opened),
  };
}

/** Little's law, with the connections of all listeners: this queue is emptied no faster, and its wait is no shorter. */
function delayFacts(queue: SeenQueue | undefined, opened: Reading<Delta<number>>) {
  const [first = 0, last = 0] = [queue?.waiting[0], queue?.waiting.at(-1)];
  const arriving = rate(opened);
  const growth = opened.kind === 'read' ? (last - first) / opened.value.seconds : 0;
  const accepted = arriving === null ? null : Math.max(0, arriving - growth);
  return {
    newConnections: fact(arriving, 'per-second', 'counter:Tcp.PassiveOpens / seconds, all listeners'),
    accepted: fact(accepted, 'per-second', 'newConnections - (last look - first look) / seconds'),
    wait: fact(accepted !== null && accepted > 0 ? last / accepted : null, 'seconds', 'last look / accepted'),
  };
}

export function rate(change: Reading<Delta<number>>): number | null {
  return change.kind === 'read' ? perSecond(change.value) : null;
}
