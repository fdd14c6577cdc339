/** What a lab remembers about itself, in one JSON file; taking a lab down works without it. */
import { readFileSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { labPaths, parseLabName, STATE_DIR } from './names.ts';

export type Variant = 'plain' | 'busybox' | 'bash' | 'full';

export interface HostState {
  readonly name: string;
  readonly variant: Variant;
  readonly address: string;
  readonly netns: string;
  readonly netnsInode: number;
  /** Process 1 of the host, as the machine numbers it. */
  readonly pid1: number;
  /** The public host key, as known_hosts writes it: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
}

/** A process that takes its lab with it: when it is gone the lab may be swept away. */
export interface Owner {
  readonly pid: number;
  /** Clock ticks since boot (proc(5), stat field 22): tells a process from a later one with its number. */
  readonly startTime: string;
}

export interface LabState {
  readonly name: string;
  readonly owner: Owner | null;
  readonly subnet: number | null;
  readonly hosts: readonly HostState[];
}

/** The lab's name, taken: false when a lab of that name exists. The one thing two bring-ups cannot both do. */
export async function claimName(state: LabState): Promise<boolean> {
  // The last lab to go takes the directory with it, perhaps just now.
  await mkdir(STATE_DIR, { recursive: true });
  const { state: file } = labPaths(state.name);
  const whole = `${file}.${process.pid}`;
  try {
    // Linked when it is whole: one who is killed half-way leaves no claim that names no owner, which nobody would sweep.
    await writeFile(whole, JSON.stringify(state));
    await link(whole, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT') return claimName(state);
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
}

export async function writeState(state: LabState): Promise<void> {
  const { state: file } = labPaths(state.name);
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Undefined when there is none, or it is just being written: what one lab has left must not keep another from coming up. */
export async function readState(lab: string): Promise<LabState | undefined> {
  const text = await readFile(labPaths(parseLabName(lab)).state, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as LabState;
  } catch {
    return undefined;
  }
}

export async function labsWithState(): Promise<readonly string[]> {
  const names = await readdir(STATE_DIR).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}

export function thisProcess(): Owner {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
}

export function isGone(owner: Owner): boolean {
  return startTimeOf(owner.pid) !== owner.startTime;
}

function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 2 is the command in parentheses and may itself contain blanks.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
