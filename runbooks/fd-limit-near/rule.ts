import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type LoggedMessage, loggedMessage, unseenMessage } from '#diagnosis/kernel-message.ts';
import { fact, flag, named, rows, setting } from '#domain/fact.ts';
import { type Missing, type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Limits } from '#evidence/limits.ts';
import type { Processes, ProcessFacts } from '#evidence/processes.ts';

/** A server opens descriptors in bursts: past WARNING one burst may hit the limit, past CRITICAL the next request may. */
const WARNING = 0.8;
const CRITICAL = 0.95;

/** A limit below this is a sandbox's, set once everything needed was open; being near it is its normal state. */
const SANDBOX_LIMIT = 16;

/** systemd sets fs.file-max to the largest number there is, 2^63 - 1: that is no limit. */
const NO_LIMIT = 2 ** 53;

/** A process and the share of its own descriptor limit that it has open. */
interface Use {
  readonly process: ProcessFacts;
  readonly descriptors: number;
  readonly limit: number;
  readonly share: number;
}

export const diagnosis = defineDiagnosis({
  id: 'fd-limit-near',
  area: 'limits',
  uses: ['processes', 'limits', 'kernel-log', 'host', 'sysctl:fs.nr_open'],
  explains: ['accept-queue-slow-accept'],

  judge({ maybe }) {
    const { processes, limits } = maybe;
    const message = loggedMessage('file-max-reached', maybe['kernel-log'], maybe.host);
    const uses = descriptorUses(processes);
    const facts = limitFacts(uses, maybe, message);
    const share = Math.max(uses[0]?.share ?? 0, hostShare(limits) ?? 0);
    if (share >= CRITICAL || message?.recent) return found('crit', facts);
    if (share >= WARNING) return found('warn', facts);
    const blockedBy =
      limits.kind === 'read'
        ? (notCounted(processes) ?? unseenMessage('file-max-reached', maybe['kernel-log'], maybe.host))
        : limits;
    return blockedBy === undefined ? ruledOut(facts) : undecided(blockedBy);
  },
});

/** Nearest to its limit first. */
function descriptorUses(processes: Reading<Processes>): readonly Use[] {
  if (processes.kind !== 'read') return [];
  return processes.value.processes.flatMap(descriptorUse).toSorted((a, b) => b.share - a.share);
}

function descriptorUse(process: ProcessFacts): readonly Use[] {
  const { descriptors, descriptorLimit } = process;
  const limit = descriptorLimit.soft;
  if (descriptors === null || limit === null || limit < SANDBOX_LIMIT) return [];
  return [{ process, descriptors, limit, share: descriptors / limit }];
}

/** What keeps "no process is near its limit" from being said: an owner this account cannot see, or not count. */
function notCounted(processes: Reading<Processes>): Missing | undefined {
  if (processes.kind !== 'read') return processes;
  const { seen, ownerless, omitted } = processes.value;
  if (omitted > 0) return unreadable('too-large', `${omitted} more processes`);
  const hidden = seen === 'own' && ownerless.ports.length + ownerless.closeWait > 0;
  const uncounted = processes.value.processes.some(
    ({ descriptors, descriptorLimit, limitsSeen }) =>
      !limitsSeen || (descriptors === null && descriptorLimit.soft !== null),
  );
  return hidden || uncounted ? unreadable('no-permission', '/proc/PID/fd') : undefined;
}

/** Ports of the kernel itself (an NFS server), or of a process in another pid namespace. */
function ownerlessPorts(processes: Reading<Processes>): number {
  return processes.kind === 'read' ? processes.value.ownerless.ports.length : 0;
}

/** null where there is no limit, or it was not read. */
function hostMax(limits: Reading<Limits>): number | null {
  return limits.kind === 'read' && limits.value.files.max < NO_LIMIT ? limits.value.files.max : null;
}

function hostShare(limits: Reading<Limits>): number | null {
  const max = hostMax(limits);
  return limits.kind === 'read' && max !== null ? limits.value.files.open / Math.max(1, max) : null;
}

type Readings = {
  readonly processes: Reading<Processes>;
  readonly limits: Reading<Limits>;
  readonly 'sysctl:fs.nr_open': Reading<number>;
};

function limitFacts(
  uses: readonly Use[],
  { processes, limits, 'sysctl:fs.nr_open': nrOpen }: Readings,
  message: LoggedMessage | undefined,
) {
  const [top] = uses;
  return {
    process: named(top?.process.name ?? null, 'processes'),
    pid: setting(top?.process.pid ?? null, 'processes'),
    listeningPorts: named(top?.process.listeningPorts.join(', ') || null, 'processes'),
    descriptors: fact(top?.descriptors ?? null, 'descriptors', '/proc/PID/fd'),
    limit: fact(top?.limit ?? null, 'descriptors', '/proc/PID/limits: Max open files, soft'),
    hardLimit: fact(top?.process.descriptorLimit.hard ?? null, 'descriptors', '/proc/PID/limits: Max open files, hard'),
    share: fact(top?.share ?? null, 'ratio', 'descriptors / limit'),
    closeWait: fact(
      top?.process.closeWait || null,
      'sockets',
      'processes: CLOSE_WAIT sockets among descriptors, at least',
    ),
    processNear: flag((top?.share ?? 0) >= WARNING, 'share >= 80 %'),
    near: rows(uses.filter((use) => use.share >= WARNING).map(useRow), 'processes with share >= 80 %'),
    ownerless: fact(ownerlessPorts(processes) || null, 'ports', 'processes: listening ports with no owner to be seen'),
    hostOpen: fact(
      limits.kind === 'read' ? limits.value.files.open : null,
      'descriptors',
      'limits: /proc/sys/fs/file-nr, first number',
    ),
    hostMax: fact(hostMax(limits), 'descriptors', 'limits: /proc/sys/fs/file-nr, third number'),
    hostShare: fact(hostShare(limits), 'ratio', 'hostOpen / hostMax'),
    hostNear: flag((hostShare(limits) ?? 0) >= WARNING, 'hostShare >= 80 %'),
    hostReached: flag(message?.recent ?? false, 'kernel-log: "VFS: file-max limit reached" in the last 10 min'),
    hostReachedAgo: fact(message?.secondsAgo ?? null, 'seconds', 'host: uptime - time of that message'),
    ceiling: fact(nrOpen.kind === 'read' ? nrOpen.value : null, 'descriptors', 'sysctl:fs.nr_open'),
  };
}

function useRow({ process, descriptors, limit, share }: Use) {
  return {
    process: named(process.name, 'processes'),
    pid: setting(process.pid, 'processes'),
    descriptors: fact(descriptors, 'descriptors', '/proc/PID/fd'),
    limit: fact(limit, 'descriptors', '/proc/PID/limits'),
    share: fact(share, 'ratio', 'descriptors / limit'),
  };
}
