/** Who accepts on a port: how many processes and threads, and how near their descriptor limit. Pure. */
import { fact, flag, named } from '#domain/fact.ts';
import type { Reading } from '#domain/reading.ts';
import type { Processes, ProcessFacts } from '#evidence/processes.ts';

/** From here on accept() soon fails with EMFILE, or already does. */
const DESCRIPTORS_GONE = 0.95;

/** All null where the owner could not be seen. `processes` are those that hold the listening socket, a parent included. */
export function ownerFacts(port: number | undefined, processes: Reading<Processes>) {
  const owners = port === undefined ? [] : ownersOf(port, processes);
  const [tightest] = owners.toSorted((a, b) => descriptorShare(b) - descriptorShare(a));
  return {
    owner: named(tightest?.name ?? null, 'processes'),
    processes: fact(owners.length || null, 'processes', 'processes: holding the listening socket'),
    threads: fact(
      owners.reduce((sum, { threads }) => sum + threads, 0) || null,
      'threads',
      'processes: of all of them',
    ),
    descriptors: fact(tightest?.descriptors ?? null, 'descriptors', 'processes: of the one nearest its limit'),
    descriptorLimit: fact(tightest?.descriptorLimit.soft ?? null, 'descriptors', 'processes: its soft RLIMIT_NOFILE'),
    descriptorsGone: flag(
      tightest !== undefined && descriptorShare(tightest) >= DESCRIPTORS_GONE,
      `descriptors / descriptorLimit >= ${DESCRIPTORS_GONE}`,
    ),
  };
}

function ownersOf(port: number, processes: Reading<Processes>): readonly ProcessFacts[] {
  if (processes.kind !== 'read') return [];
  return processes.value.processes.filter(({ listeningPorts }) => listeningPorts.includes(port));
}

function descriptorShare({ descriptors, descriptorLimit: { soft } }: ProcessFacts): number {
  return descriptors === null || soft === null || soft === 0 ? 0 : descriptors / soft;
}
