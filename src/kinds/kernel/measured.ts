/** What a target measured of its kernels before and after the boot, and what that proves. Pure. */
import type { Proof, ProofVerdict } from '#domain/change.ts';
import { fact, named } from '#domain/fact.ts';
import type { Measures } from '#domain/plan.ts';
import type { KernelAnswer, Measured, Services } from './helper-answer.ts';

/** Older kernels keep TIME_WAIT in eight slots, and a timer is late by up to an eighth; a second is for the probe. */
const LATE = 1.125;
const PROBE_SECONDS = 1;

/** So much of the old length is as good as the old length. */
const SAME = 0.9;

/** `seconds`: what was wanted. */
export function measuredOf({ measured, services, ...answer }: KernelAnswer, seconds: number): Omit<Proof, 'at'> {
  const failed = newlyFailed({ ...answer, services }, services.after?.failed ?? []);
  return {
    before: numbersOf(measured.before, services.before, []),
    after: numbersOf(measured.after, services.after, failed),
    verdict: verdictOf(measured, failed, seconds),
  };
}

function verdictOf(
  { before, after }: KernelAnswer['measured'],
  failed: readonly string[],
  seconds: number,
): ProofVerdict {
  if (failed.length > 0) return 'worse';
  if (after === null) return 'unknown';
  if (isAsWanted(after.seconds, seconds)) return 'cured';
  return before !== null && after.seconds < before.seconds * SAME ? 'better' : 'no-effect';
}

export function isAsWanted(measured: number, seconds: number): boolean {
  return measured >= seconds && isNoLonger(measured, seconds);
}

/** Than what a kernel with this TIME_WAIT may show. */
export function isNoLonger(measured: number, seconds: number): boolean {
  return measured <= seconds * LATE + PROBE_SECONDS;
}

/** Of the units named, those that did not fail before. */
export function newlyFailed({ services }: Pick<KernelAnswer, 'services'>, units: readonly string[]): readonly string[] {
  const before = services.before?.failed ?? [];
  return [...new Set(units)].filter((unit) => !before.includes(unit));
}

/** By the names that the words have. */
function numbersOf(measured: Measured | null, services: Services | null, failed: readonly string[]): Measures {
  const from = "measured on the host's loopback";
  return {
    connections: fact(measured?.perSecond ?? null, 'per-second', `${from}: ports / seconds`),
    seconds: fact(measured?.seconds ?? null, 'seconds', `${from}: until a port was free again`),
    timeWait: fact(measured?.ports ?? null, 'ports', `${from}: in TIME_WAIT when no port was free`),
    services: named(services === null ? null : failed.join(', ') || '0', 'systemctl: units that newly fail'),
  };
}
