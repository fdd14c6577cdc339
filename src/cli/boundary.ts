/** What frames the sections of one collection. */
import { randomUUID } from 'node:crypto';

/** Not to be guessed, so that nothing a host prints can be taken for the frame. */
export function boundary(): string {
  return `tcp-oncall-${randomUUID()}`;
}
