/** A directory of our own for one connection, on this machine: removed when it is closed, and when the process ends. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateDir {
  readonly path: string;
  readonly remove: () => void;
}

/** A socket's path has at most 107 bytes, of which ssh wants 17 for itself; and ssh reads these in a configuration. */
const USABLE = /^\/[\w./+,@:-]{0,60}$/;

const all = new Set<string>();
let isWatching = false;

/** Rejects where there is no place for one. */
export async function makePrivateDir(runtimeDir: string | undefined): Promise<PrivateDir> {
  const parent = [runtimeDir, tmpdir()].find((dir) => dir !== undefined && USABLE.test(dir)) ?? '/tmp';
  // For us alone: mkdtemp(3) makes it with mode 0700.
  const path = await mkdtemp(join(parent, 'tcp-oncall-'));
  all.add(path);
  if (!isWatching) {
    isWatching = true;
    process.once('exit', () => all.forEach(removeNow));
  }
  return { path, remove: () => removeNow(path) };
}

function removeNow(path: string): void {
  all.delete(path);
  rmSync(path, { recursive: true, force: true });
}
