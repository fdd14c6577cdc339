/** Whether this machine has OpenSSH's client. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

export async function hasSsh(path: string = process.env['PATH'] ?? ''): Promise<boolean> {
  const tried = await Promise.allSettled(path.split(':').map((dir) => access(join(dir, 'ssh'), constants.X_OK)));
  return tried.some(({ status }) => status === 'fulfilled');
}
