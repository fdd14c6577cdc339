/** Changes as Redis keeps them: JSON, which has no dates. */
import type { Change } from '#domain/change.ts';

/** Every field that is a Date, at whatever depth. */
const DATES: ReadonlySet<string> = new Set(['at', 'proposedAt', 'expiresAt', 'until']);

export function encodeChange(change: Change): string {
  return JSON.stringify(change);
}

export function decodeChange(json: string): Change {
  return JSON.parse(json, (name, value) =>
    DATES.has(name) && typeof value === 'string' ? new Date(value) : value,
  ) as Change;
}
