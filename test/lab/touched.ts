/** What faults have changed on a host, written before the change, so that any later process can put it back. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labPaths } from './names.ts';

export interface Touched {
  /** Names of the subjects whose faults this host takes part in. */
  readonly subjects: readonly string[];
  readonly faults: readonly string[];
  /** Values before the first change. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Contents before the first change; null: there was no such file. */
  readonly files: Readonly<Record<string, string | null>>;
}

const NOTHING: Touched = { subjects: [], faults: [], sysctls: {}, files: {} };

function touchedFile(lab: string, host: string): string {
  return join(labPaths(lab).dir, 'touched', `${host}.json`);
}

export async function readTouched(lab: string, host: string): Promise<Touched> {
  const text = await readFile(touchedFile(lab, host), 'utf8').catch(() => undefined);
  return text === undefined ? NOTHING : (JSON.parse(text) as Touched);
}

export async function isTouched(lab: string, host: string): Promise<boolean> {
  return (await readTouched(lab, host)).subjects.length > 0;
}

/** Adds to what is known; what was noted first wins, for that is the state to go back to. */
export async function noteTouched(lab: string, host: string, more: Partial<Touched>): Promise<void> {
  const known = await readTouched(lab, host);
  const touched: Touched = {
    subjects: [...new Set([...known.subjects, ...(more.subjects ?? [])])],
    faults: [...new Set([...known.faults, ...(more.faults ?? [])])],
    sysctls: { ...more.sysctls, ...known.sysctls },
    files: { ...more.files, ...known.files },
  };
  await mkdir(join(labPaths(lab).dir, 'touched'), { recursive: true });
  const file = touchedFile(lab, host);
  // Whoever heals another host reads this one's file meanwhile, and must not see half of it.
  const part = `${file}.${randomUUID()}`;
  await writeFile(part, JSON.stringify(touched));
  await rename(part, file);
}

export async function forgetTouched(lab: string, host: string): Promise<void> {
  await rm(touchedFile(lab, host), { force: true });
}
