import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type LoggedMessage, loggedMessage, unseenMessage } from '#diagnosis/kernel-message.ts';
import { fact, flag, named, rows, setting } from '#domain/fact.ts';
import { type Missing, type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Limits } from '#evidence/limits.ts';
import type { Processes, ProcessFacts } from '#evidence/processes.ts';

/** Threads come in bursts too: past WARNING one burst may hit the limit, past CRITICAL the next fork() may. */
const WARNING = 0.8;
const CRITICAL = 0.95;

/** A smaller pids.max or RLIMIT_NPROC is a sandbox's, set to what the service needs and no more. */
const SANDBOX_LIMIT = 16;

/** One of the four limits that fork() and clone() answer with EAGAIN. */
interface Bound {
  readonly name: 'pids.max' | 'RLIMIT_NPROC' | 'kernel.threads-max' | 'kernel.pid_max';
  /** The cgroup or the user; null = the whole host. */
  readonly of: string | null;
  /** Threads counted against it. */
  readonly used: number;
  readonly max: number;
}

export const diagnosis = defineDiagnosis({
  id: 'thread-pid-limit-near',
  area: 'limits',
  needs: ['limits'],
  uses: ['processes', 'kernel-log', 'host'],
  explains: ['accept-queue-slow-accept'],

  judge({ now: { limits }, maybe }) {
    const message = loggedMessage('cgroup-fork-rejected', maybe['kernel-log'], maybe.host);
    const bounds = [...hostBounds(limits), ...userBounds(maybe.processes)].toSorted((a, b) => share(b) - share(a));
    const facts = threadFacts(bounds, limits, message);
    const tightest = bounds[0] === undefined ? 0 : share(bounds[0]);
    if (tightest >= CRITICAL || message?.recent) return found('crit', facts);
    if (tightest >= WARNING) return found('warn', facts);
    const blockedBy =
      userLimitsOpen(limits, maybe.processes) ?? unseenMessage('cgroup-fork-rejected', maybe['kernel-log'], maybe.host);
    return blockedBy === undefined ? ruledOut(facts) : undecided(blockedBy);
  },
});

function share({ used, max }: Bound): number {
  return used / Math.max(1, max);
}

/** Each thread takes a slot of threads-max and a number of pid_max; a cgroup counts its own. */
function hostBounds({ threads, threadsMax, pidMax, cgroupPids }: Limits): readonly Bound[] {
  const cgroup =
    cgroupPids !== null && cgroupPids.max >= SANDBOX_LIMIT
      ? [{ name: 'pids.max' as const, of: cgroupPids.path, used: cgroupPids.current, max: cgroupPids.max }]
      : [];
  return [
    { name: 'kernel.threads-max', of: null, used: threads, max: threadsMax },
    { name: 'kernel.pid_max', of: null, used: threads, max: pidMax },
    ...cgroup,
  ];
}

/** RLIMIT_NPROC counts all threads of a user; where they were not counted, those of the listeners' processes are the least there can be. */
function userBounds(processes: Reading<Processes>): readonly Bound[] {
  if (processes.kind !== 'read') return [];
  return limited(processes.value).map((one) => ({
    name: 'RLIMIT_NPROC',
    of: `${one.name}, uid ${one.uid}`,
    used: processes.value.userThreads[one.uid] ?? threadsOf(one.uid, processes.value.processes),
    max: one.processLimit ?? Number.POSITIVE_INFINITY,
  }));
}

/** Root is not held to RLIMIT_NPROC (kernel/fork.c: CAP_SYS_RESOURCE, CAP_SYS_ADMIN). */
function limited({ processes }: Processes): readonly ProcessFacts[] {
  return processes.filter(
    ({ uid, processLimit }) => uid !== 0 && processLimit !== null && processLimit >= SANDBOX_LIMIT,
  );
}

function threadsOf(uid: number, processes: readonly ProcessFacts[]): number {
  return processes.filter((one) => one.uid === uid).reduce((sum, { threads }) => sum + threads, 0);
}

/** A user cannot have more threads than the host has: only a limit near that number is left open by counting listeners alone. */
function userLimitsOpen(limits: Limits, processes: Reading<Processes>): Missing | undefined {
  if (processes.kind !== 'read') return processes;
  const { seen, ownerless, omitted } = processes.value;
  if (omitted > 0) return unreadable('too-large', `${omitted} more processes`);
  const hidden = processes.value.processes.some(({ uid, limitsSeen }) => uid !== 0 && !limitsSeen);
  if (hidden || (seen === 'own' && ownerless.ports.length > 0))
    return unreadable('no-permission', 'RLIMIT_NPROC of the listeners');
  const { userThreads } = processes.value;
  const open = limited(processes.value).find(
    ({ uid, processLimit }) => userThreads[uid] === undefined && limits.threads >= WARNING * (processLimit ?? 0),
  );
  return open === undefined ? undefined : unreadable('not-collected', `threads of user ${open.uid}`);
}

function threadFacts(bounds: readonly Bound[], limits: Limits, message: LoggedMessage | undefined) {
  const [top] = bounds;
  return {
    limit: named(top?.name ?? null, 'the one of limits with the largest share'),
    of: named(top?.of ?? null, 'limits: its cgroup, or processes: the process and its user'),
    cgroupBinds: flag(top?.name === 'pids.max', 'limit is pids.max'),
    userBinds: flag(top?.name === 'RLIMIT_NPROC', 'limit is RLIMIT_NPROC'),
    used: fact(top?.used ?? null, 'threads', 'limits or processes'),
    max: fact(top?.max ?? null, 'threads', 'limits or processes'),
    share: fact(top === undefined ? null : share(top), 'ratio', 'used / max'),
    near: flag(top !== undefined && share(top) >= WARNING, 'share >= 80 %'),
    threads: fact(limits.threads, 'threads', 'limits: /proc/loadavg, fourth field'),
    threadsMax: setting(limits.threadsMax, 'sysctl:kernel.threads-max'),
    pidMax: setting(limits.pidMax, 'sysctl:kernel.pid_max'),
    cgroup: named(limits.cgroupPids?.path ?? null, 'limits: the cgroup with the fullest pids.max'),
    forkRejected: flag(message?.recent ?? false, 'kernel-log: "cgroup: fork rejected by pids controller", last 10 min'),
    forkRejectedAgo: fact(message?.secondsAgo ?? null, 'seconds', 'host: uptime - time of that message'),
    limits: rows(bounds.map(boundRow), 'limits, processes'),
  };
}

function boundRow(bound: Bound) {
  return {
    name: named(bound.name, 'limits or processes'),
    of: named(bound.of, 'limits or processes'),
    used: fact(bound.used, 'threads', 'limits or processes'),
    max: fact(bound.max, 'threads', 'limits or processes'),
    share: fact(share(bound), 'ratio', 'used / max'),
  };
}
