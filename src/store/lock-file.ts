/** A lock that is a file, for what several processes of one machine write: it names its holder, and ends with it. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** A holder whose process cannot be looked at, since it is in another container, is given this long. */
const STRANGER_MS = 60_000;

/** Undefined, and `work` not begun, while somebody else holds it. */
export async function withLockFile<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  if (!(await take(path)) && !((await isLeft(path)) && (await clear(path)) && (await take(path)))) return undefined;
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${hostname()} ${process.pid} ${await startOf(process.pid)}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether its holder has gone. */
async function isLeft(path: string): Promise<boolean> {
  const [text, made] = await Promise.all([readFile(path, 'utf8'), stat(path)]).catch(() => ['', undefined] as const);
  const [host, pid, start] = text.trim().split(' ');
  if (host === hostname()) return (await startOf(Number(pid))) !== start;
  return made !== undefined && Date.now() - made.mtimeMs > STRANGER_MS;
}

/** Of all who find it left, one takes it away. */
async function clear(path: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    await rm(aside);
    return true;
  } catch {
    return false;
  }
}

/** Clock ticks since boot (proc(5), stat field 22): tells a process from a later one with its number. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
