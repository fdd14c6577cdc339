/** A directory of our own for one connection, on this machine: removed when it is closed, and when the process ends. */
import { constants, rmSync } from 'node:fs';
import { access, mkdtemp, realpath, stat } from 'node:fs/promises';
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

/** Rejects where there is no place for one. The runtime directory may be another account's: su keeps its variable. */
export async function makePrivateDir(runtimeDir: string | undefined): Promise<PrivateDir> {
  const parent = (await safeDir(runtimeDir)) ?? (await safeDir(tmpdir())) ?? '/tmp';
  // For us alone: mkdtemp(3) makes it with mode 0700.
  const path = await mkdtemp(join(parent, 'tcp-oncall-'));
  all.add(path);
  if (!isWatching) {
    isWatching = true;
    process.once('exit', () => all.forEach(removeNow));
  }
  return { path, remove: () => removeNow(path) };
}

const GROUP_OR_OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** Where no other account can put something else in the place of what we make there; ssh would obey that. By its real path, as a link could change. */
async function safeDir(dir: string | undefined): Promise<string | undefined> {
  try {
    const path = await realpath(dir ?? '');
    const { uid, mode } = await stat(path);
    const isOurs = uid === process.getuid?.() || uid === 0;
    const isShared = (mode & GROUP_OR_OTHERS_WRITE) !== 0 && (mode & STICKY) === 0;
    await access(path, constants.W_OK | constants.X_OK);
    return isOurs && !isShared && USABLE.test(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function removeNow(path: string): void {
  all.delete(path);
  rmSync(path, { recursive: true, force: true });
}
