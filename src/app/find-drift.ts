/** A check of a host says whether the kernel that a change kept there runs still. */
import type { KernelDrift, Report } from '#domain/report.ts';
import { driftOf } from '#kinds/kernel/drift.ts';
import type { Changes } from './change-ports.ts';

/** Changes of other kinds may have come since. */
const MOST_CHANGES = 200;

/** Rejects with a StoreDown. */
export async function findDrift(
  { host, kernel }: Pick<Report, 'host' | 'kernel'>,
  changes: Pick<Changes, 'ofHost'>,
): Promise<KernelDrift | null> {
  return kernel === null ? null : driftOf(await changes.ofHost(host, MOST_CHANGES), kernel);
}
