/** Removes a lab by its name alone: whatever brought it up may have died half way. */
import { existsSync } from 'node:fs';
import { readlink, rm, rmdir, stat } from 'node:fs/promises';
import { must, run } from './command.ts';
import { LabError } from './lab-error.ts';
import { bridgeNetns, labPaths, netnsName, netnsPath, STATE_DIR } from './names.ts';
import { insideNetns } from './network.ts';
import { isGone, labsWithState, readState } from './state.ts';

/** Idempotent; true when there was anything to remove. */
export async function takeDown(lab: string): Promise<boolean> {
  let removed = false;
  // Again until there is none: a bring-up that was killed may have left a command still making one.
  for (let owned = await namespacesOf(lab); owned.length > 0; owned = await namespacesOf(lab)) {
    await Promise.all(owned.map(endProcesses));
    await removeNetwork(lab, owned);
    removed = true;
  }
  const paths = labPaths(lab);
  const hadState = existsSync(paths.state);
  await rm(paths.dir, { recursive: true, force: true });
  await rm(paths.state, { force: true });
  await rmdir(STATE_DIR).catch(() => undefined);
  return hadState || removed;
}

async function removeNetwork(lab: string, owned: readonly string[]): Promise<void> {
  // Deleting the uplink here, and not with its namespace, makes its name free at once.
  await run(insideNetns(bridgeNetns(lab), ['ip', 'link', 'del', 'uplink']));
  const { stderr } = await run(['ip', '-force', '-batch', '-'], {
    input: owned.map((netns) => `netns del ${netns}\n`).join(''),
  });
  const left = (await namespacesOf(lab)).filter((netns) => owned.includes(netns));
  if (left.length > 0) throw new LabError(`Cannot remove ${left.join(', ')}: ${stderr.trim()}`);
}

/** Labs that left a state file or a namespace behind. */
export async function allLabs(): Promise<readonly string[]> {
  const named = (await namespaces()).map((netns) => netns.split('.')[1] ?? '');
  return [...new Set([...(await labsWithState()), ...named])].sort();
}

/** Takes down the labs whose owning process has died. */
export async function sweep(): Promise<void> {
  for (const lab of await labsWithState()) {
    const state = await readState(lab);
    if (state?.owner && isGone(state.owner)) await takeDown(lab);
  }
}

async function namespaces(): Promise<readonly string[]> {
  const list = await must(['ip', 'netns', 'list']);
  const names = list.split('\n').map((line) => line.split(' ')[0] ?? '');
  return names.filter((netns) => netns.startsWith('tol.'));
}

async function namespacesOf(lab: string): Promise<readonly string[]> {
  const prefix = netnsName(lab, '');
  return (await namespaces()).filter((netns) => netns.startsWith(prefix));
}

/** Process 1 takes all of its host with it; two rounds catch what was being born during the first. */
async function endProcesses(netns: string): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    const { stdout } = await run(['ip', 'netns', 'pids', netns]);
    const pids = stdout.split('\n').filter((pid) => pid !== '');
    if (pids.length === 0) return;
    const inode = await inodeOf(netns);
    if (inode === undefined) return;
    await Promise.all(pids.map((pid) => killIfInside(Number(pid), inode)));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Undefined when it is gone: several who come up may sweep the same dead lab. */
async function inodeOf(netns: string): Promise<number | undefined> {
  return (await stat(netnsPath(netns)).catch(() => undefined))?.ino;
}

/** The pid is looked at again just before the kill: it may have been given to a stranger meanwhile. */
async function killIfInside(pid: number, inode: number): Promise<void> {
  try {
    if ((await readlink(`/proc/${pid}/ns/net`)) === `net:[${inode}]`) process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
