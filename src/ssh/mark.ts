/** What one run is recognised by, in what it prints and among a host's processes: nobody can guess it. */
import { randomBytes } from 'node:crypto';

export function createMark(): string {
  return `tcp-oncall-${randomBytes(12).toString('hex')}`;
}
