/** A failure on the way to a host. Pure. */
import type { ConnectionFailure } from '#domain/command.ts';

/** The same failure, when it is the hop `name` on the way that failed, or one before it. */
export function atHop(name: string, failure: ConnectionFailure): ConnectionFailure {
  if (!('why' in failure) || 'at' in failure) return failure;
  return { ...failure, at: name, why: `${name}: ${failure.why}` };
}
