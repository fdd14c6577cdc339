/** Starts one host: namespaces around an sshd that is process 1 and believes it owns a machine. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LabError } from './lab-error.ts';
import { lives } from './lives.ts';
import { labPaths, netnsName, netnsPath } from './names.ts';
import { writeTree } from './root-tree.ts';
import { hostTree, makeKey } from './ssh-files.ts';
import type { HostState, Variant } from './state.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const READY_WITHIN_MS = 60_000;

export interface HostPlan {
  readonly lab: string;
  readonly name: string;
  readonly address: string;
  readonly variant: Variant;
  /** Lines for /etc/hosts, the same on every host of the lab. */
  readonly hostsFile: string;
}

/** Writes the host's own files; needs no namespace yet, so it runs while the network is built. */
export async function prepareHost({ lab, name, hostsFile }: HostPlan): Promise<string> {
  const tree = hostTree(lab, name);
  await mkdir(join(tree, 'etc/ssh'), { recursive: true });
  await Promise.all([
    writeTree(tree, 'etc/hostname', `${name}\n`),
    writeTree(tree, 'etc/hosts', hostsFile),
    mkdir(join(dirname(tree), 'root'), { recursive: true }),
  ]);
  return makeKey(join(tree, 'etc/ssh/ssh_host_ed25519_key'));
}

export async function startHost(plan: HostPlan, hostKey: string): Promise<HostState> {
  const { lab, name, address, variant } = plan;
  const netns = netnsName(lab, name);
  const log = join(dirname(hostTree(lab, name)), 'init.log');
  const unshared = launch(plan, netns, log);
  await untilSshAnswers(plan, unshared, log);
  const pid1 = Number(readFileSync(`/proc/${unshared}/task/${unshared}/children`, 'utf8').trim());
  const netnsInode = (await stat(netnsPath(netns))).ino;
  return { name, variant, address, netns, netnsInode, pid1, hostKey };
}

/** The process lives on when this one ends: `lab up` returns to the shell, and a crash leaves a lab that `down` finds. */
function launch({ lab, name, variant }: HostPlan, netns: string, log: string): number {
  const tree = hostTree(lab, name);
  const build = [
    join(dirname(tree), 'root'),
    labPaths(lab).base,
    tree,
    name,
    variant,
    process.execPath,
    join(HERE, 'actors'),
  ];
  const unshare = [
    'unshare',
    '--mount',
    '--pid',
    '--uts',
    '--ipc',
    '--cgroup',
    '--fork',
    '--',
    'sh',
    join(HERE, 'host-init.sh'),
  ];
  const output = openSync(log, 'w');
  const child = spawn('nsenter', [`--net=${netnsPath(netns)}`, '--', ...unshare, ...build], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    cwd: '/',
  });
  closeSync(output);
  child.unref();
  if (child.pid === undefined) throw new LabError('Cannot run nsenter: is util-linux installed?');
  return child.pid;
}

async function untilSshAnswers({ name, address }: HostPlan, pid: number, log: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await greets(address))) {
    const ended = !lives(pid);
    if (ended || Date.now() > deadline) {
      const why = (await readFile(log, 'utf8').catch(() => '')).trim();
      throw new LabError(
        `Host ${name} did not come up${ended ? '' : ` in ${READY_WITHIN_MS / 1000} s`}: ${why || 'no reason given'}`,
      );
    }
    await sleep(10);
  }
}

/** Whether a sshd answers there now. */
export function greets(address: string, port = 22): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port, timeout: 2000 });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('data', (bytes) => answer(bytes.toString('latin1').startsWith('SSH-2.0')));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
