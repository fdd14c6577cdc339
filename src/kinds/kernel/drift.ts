/** Whether a host still runs the kernel that a change kept there: a distribution's update puts a newer one in its place. Pure. */
import type { Change } from '#domain/change.ts';
import type { KernelDrift } from '#domain/report.ts';
import { readPlan } from './plan.ts';

/** `newestFirst`: the host's changes. `running`: as `uname -r` says. Null where no kernel of ours is to run. */
export function driftOf(newestFirst: readonly Change[], running: string): KernelDrift | null {
  const last = newestFirst.find(
    ({ kind, state }) => kind === 'kernel' && state.kind === 'ended' && state.end.how === 'done',
  );
  // What was done last may be the way back.
  const read = last?.reverts === null ? readPlan(last.plan) : undefined;
  if (last === undefined || read === undefined || 'why' in read) return null;
  const { seconds } = read.plan;
  return isOurs(running, seconds, last.id) ? null : { change: last.id, seconds };
}

/** As LOCALVERSION has it, and as the buildid of an rpm. */
function isOurs(release: string, seconds: number, id: string): boolean {
  return release.includes(`-tw${seconds}-${id}`) || release.includes(`.tw${seconds}.${id}`);
}
