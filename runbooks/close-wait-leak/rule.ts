import { type CloseWait, closeWait } from '#diagnosis/close-wait.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import type { Delta } from '#domain/evidence.ts';
import { fact, flag, named, rows, setting } from '#domain/fact.ts';
import { type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Processes, ProcessFacts } from '#evidence/processes.ts';
import type { CloseWaitGroup, Sockets } from '#evidence/sockets.ts';

/** Fewer are the ordinary moment between a peer's close and ours. */
const PILE = 100;

/** A pile that at its present rate is gone within a minute is a burst being worked off, not a leak. */
const BURST_SECONDS = 60;

/** From this share on, the leak is about to take the process's last descriptors (as in fd-limit-near). */
const DESCRIPTORS_NEAR = 0.8;

/** How fast the pile grows, per second; negative while it is worked off. */
interface Trend {
  readonly before: number;
  readonly growth: number;
}

export const diagnosis = defineDiagnosis({
  id: 'close-wait-leak',
  area: 'connections',
  needs: ['sockets'],
  uses: ['listeners', 'processes'],
  usesChange: ['sockets'],
  explains: ['fd-limit-near', 'accept-queue-slow-accept'],

  judge({ now, maybe, maybeChange: { sockets: change } }) {
    // A second look at a large table leaves out other states, never CLOSE_WAIT: the newest look is the one to count.
    const sockets = change.kind === 'read' ? change.value.after : now.sockets;
    const pile = closeWait(sockets, maybe.listeners);
    const trend = change.kind === 'read' ? trendOf(change.value) : undefined;
    const owner = largestOwner(maybe.processes);
    const facts = leakFacts(sockets, pile, trend, owner);
    if (held(pile) < PILE) return ruledOut(facts);
    if (pile.total - pile.unaccepted.most < PILE) return undecided(unreadable('cut-off', 'groups of CLOSE_WAIT'));
    if (change.kind !== 'read') return undecided(change);
    if (clears(held(pile), trend)) return ruledOut(facts);
    return found(grows(trend) && (descriptorShare(owner) ?? 0) >= DESCRIPTORS_NEAR ? 'crit' : 'warn', facts);
  },
});

/** Those that a process has; the others wait for accept() and are another trouble. */
function held({ total, unaccepted }: CloseWait): number {
  return total - unaccepted.seen;
}

function trendOf({ before, after, seconds }: Delta<Sockets>): Trend {
  const [first, second] = [before.states['close-wait'], after.states['close-wait']];
  return { before: first, growth: seconds > 0 ? (second - first) / seconds : 0 };
}

function grows(trend: Trend | undefined): boolean {
  return trend !== undefined && trend.growth > 0;
}

function clears(sockets: number, trend: Trend | undefined): boolean {
  return trend !== undefined && trend.growth < 0 && sockets / -trend.growth <= BURST_SECONDS;
}

function largestOwner(processes: Reading<Processes>): ProcessFacts | undefined {
  if (processes.kind !== 'read') return undefined;
  return processes.value.processes
    .filter(({ closeWait: count }) => count > 0)
    .toSorted((a, b) => b.closeWait - a.closeWait)[0];
}

function descriptorShare(owner: ProcessFacts | undefined): number | null {
  const { descriptors = null, descriptorLimit } = owner ?? {};
  const limit = descriptorLimit?.soft ?? null;
  return descriptors === null || limit === null ? null : descriptors / Math.max(1, limit);
}

function leakFacts(sockets: Sockets, pile: CloseWait, trend: Trend | undefined, owner: ProcessFacts | undefined) {
  const groups = sockets.closeWait.filter(({ unaccepted, sockets: count }) => count > unaccepted);
  const unread = groups.reduce((sum, group) => sum + group.unread - Math.min(group.unread, group.unaccepted), 0);
  return {
    closeWait: fact(held(pile), 'sockets', 'sockets: CLOSE_WAIT - unaccepted'),
    unaccepted: fact(pile.unaccepted.seen || null, 'sockets', 'sockets: CLOSE_WAIT that no process has accepted yet'),
    before: fact(trend?.before ?? null, 'sockets', 'sockets: CLOSE_WAIT in the first sample, unaccepted included'),
    growth: fact(trend === undefined ? null : Math.max(0, trend.growth), 'per-second', '(CLOSE_WAIT now - before) / s'),
    growing: flag(grows(trend), 'growth > 0'),
    unread: fact(unread || null, 'sockets', 'sockets: with unread bytes or an unread end (Recv-Q > 0)'),
    ...groupFacts(groups[0]),
    ...ownerFacts(owner, trend),
    groups: rows(groups.slice(0, 5).map(groupFacts), 'sockets: CLOSE_WAIT by local port and peer'),
  };
}

/** Accepted connections have a listening port here, outgoing ones the peer's port. */
function groupFacts(group: CloseWaitGroup | undefined) {
  return {
    listeningPort: setting(group?.listeningPort ?? null, 'sockets: local port of accepted connections'),
    peer: named(group?.peer ?? null, 'sockets'),
    peerPort: setting(group?.peerPort ?? null, 'sockets: port of outgoing connections'),
    fromPeer: fact(group?.sockets ?? null, 'sockets', 'sockets: CLOSE_WAIT of this port and peer'),
  };
}

function ownerFacts(owner: ProcessFacts | undefined, trend: Trend | undefined) {
  const { descriptors = null } = owner ?? {};
  const limit = owner?.descriptorLimit.soft ?? null;
  const left = descriptors === null || limit === null ? null : Math.max(0, limit - descriptors);
  return {
    process: named(owner?.name ?? null, 'processes: owner of most CLOSE_WAIT sockets; needs root'),
    pid: setting(owner?.pid ?? null, 'processes'),
    descriptors: fact(descriptors, 'descriptors', 'processes: /proc/PID/fd'),
    limit: fact(limit, 'descriptors', 'processes: /proc/PID/limits'),
    share: fact(descriptorShare(owner), 'ratio', 'descriptors / limit'),
    secondsLeft: fact(
      trend !== undefined && grows(trend) && left !== null ? left / trend.growth : null,
      'seconds',
      '(limit - descriptors) / growth',
    ),
  };
}
