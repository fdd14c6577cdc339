/** Which changes a freeze matters to. */
import type { Change } from '#domain/change.ts';

/** A proposal cannot be approved meanwhile; a trial goes on, and people want to know that. */
export function hearsFreezes({ state: { kind } }: Pick<Change, 'state'>): boolean {
  return kind === 'proposed' || kind === 'on-trial';
}
