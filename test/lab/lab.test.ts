/** The lab's own promises: hosts are real enough to log in to, cannot reach out of their cage, and leave nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must, run } from './command.ts';
import { sshArgv } from './enter.ts';
import { type Lab, openLab } from './lab.ts';
import { lives } from './lives.ts';
import { hostNames, labPaths, parseLabName } from './names.ts';
import { sweep, takeDown } from './take-down.ts';

const name = `t${process.pid.toString(36)}`;
let lab: Lab;

beforeAll(async () => {
  lab = await openLab({ name, hosts: 4, variants: { 'api-01': 'busybox', 'lb-01': 'full' } });
});
afterAll(() => lab?.close());

describe('a lab host', () => {
  it('is logged in to over SSH with its own host key checked', async () => {
    const { stdout } = await lab.ssh('web-01', 'id -un; hostname');
    expect(stdout).toBe('ops\nweb-01\n');
  });

  it('is refused by a client that does not know its key', async () => {
    const [ssh = 'ssh', ...args] = sshArgv(lab.paths, 'web-01');
    const { status, stderr } = await run([ssh, '-o', 'UserKnownHostsFile=/dev/null', ...args, 'true']);
    expect({ status, stderr }).toEqual({
      status: 255,
      stderr: expect.stringContaining('Host key verification failed'),
    });
  });

  it('lets ops, and not guest, use the few commands sudo lists', async () => {
    expect((await lab.ssh('web-01', 'sudo -n ls /root')).status).toBe(0);
    expect((await lab.ssh('web-01', 'sudo -n id')).status).toBe(1);
    expect((await lab.ssh('web-01', 'sudo -n ls /root', 'guest')).status).toBe(1);
  });

  it('turns away an account without a shell', async () => {
    const { status, stdout } = await lab.ssh('web-01', 'echo in', 'noshell');
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining('not available') });
  });

  it('has busybox and nothing else, if it is a busybox host', async () => {
    const { stdout } = await lab.ssh(
      'api-01',
      'command -v ss ip sudo bash nft; readlink -f /bin/sh; awk 2>&1 | head -1',
    );
    expect(stdout).toMatch(/^\/usr\/bin\/busybox\nBusyBox/);
  });

  it('has no space for a temporary file, if it is a full host', async () => {
    const { status, stderr } = await lab.ssh('lb-01', 'cp /etc/passwd /tmp/new');
    expect(stderr + status).toContain('No space left on device');
  });
});

describe('the cage', () => {
  it('lets a host change its own net.* and no other switch of the kernel', async () => {
    const before = await readFile('/proc/sys/net/ipv4/tcp_fin_timeout', 'utf8');
    const net = await lab.ssh('web-01', 'sudo -n sysctl -w net.ipv4.tcp_fin_timeout=31');
    const vm = await lab.exec('web-01', ['sh', '-c', 'echo 1 > /proc/sys/vm/swappiness']);
    expect(net.stdout).toBe('net.ipv4.tcp_fin_timeout = 31\n');
    expect(vm.stderr).toContain('Read-only file system');
    expect(await readFile('/proc/sys/net/ipv4/tcp_fin_timeout', 'utf8')).toBe(before);
    expect((await lab.ssh('db-01', 'cat /proc/sys/net/ipv4/tcp_fin_timeout')).stdout).toBe('60\n');
  });

  it('keeps a host from opening a connection to the machine, which it does answer', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const machine = lab.host('web-01').address.replace(/\.\d+$/, '.1');
    const attempt = `bash -c 'echo > /dev/tcp/${machine}/${port}'`;
    const here = await run(['sh', '-c', `timeout 20 ${attempt}`]);
    const there = await lab.ssh('web-01', `timeout 1 ${attempt}`);
    server.close();
    // 124: timeout(1) had to end it, for the SYN was dropped.
    expect([here.status, there.status]).toEqual([0, 124]);
  });

  it('lets hosts reach each other', async () => {
    const { status } = await lab.ssh('web-01', `bash -c 'read -r line < /dev/tcp/${lab.host('db-01').address}/22'`);
    expect(status).toBe(0);
  });

  it("hides the machine's files and processes and keeps what a host writes to itself", async () => {
    const { stdout } = await lab.exec('web-01', [
      'sh',
      '-c',
      'ls -A /root /work /home/guest 2>/dev/null; cat /proc/1/comm; echo x > /etc/lab-was-here',
    ]);
    expect(stdout).toMatch(/sshd\n$/);
    expect(stdout).not.toContain('main');
    expect(existsSync('/etc/lab-was-here')).toBe(false);
    expect((await lab.exec('db-01', ['cat', '/etc/lab-was-here'])).status).toBe(1);
  });
});

describe('healing', () => {
  it('ends actors and their sockets and puts values and files back', async () => {
    await lab.sysctl('web-01', { 'net.ipv4.ip_local_port_range': '40000 40199' });
    await lab.actor('db-01', 'listen', { ports: '9900', after: 'keep' });
    const { connected } = await lab.actor('web-01', 'connect', {
      to: lab.host('db-01').address,
      count: 20,
      after: 'close',
    });
    expect(connected).toBe(20);
    expect((await sockets('web-01')).filter((line) => line.includes(':9900'))).toHaveLength(20);
    await lab.heal();
    expect(await sockets('web-01')).toEqual([]);
    expect(await sockets('db-01')).toEqual([]);
    expect((await lab.exec('web-01', ['cat', '/proc/sys/net/ipv4/ip_local_port_range'])).stdout).toBe('32768\t60999\n');
    expect((await lab.exec('db-01', ['ps', '-e', '-o', 'comm='])).stdout).not.toContain('node');
  });

  async function sockets(host: string): Promise<readonly string[]> {
    const { stdout } = await lab.exec(host, ['ss', '-tanH', 'exclude', 'listening', 'sport', '!=', ':22']);
    return stdout.split('\n').filter((line) => line !== '');
  }
});

describe('taking a lab down', () => {
  it('leaves nothing behind, twice over, and does not touch another lab', async () => {
    const other = await openLab({ name: `${name}a`, hosts: 2 });
    const pids = await processesOf(other.name);
    await other.close();
    await other.close();
    expect(pids.length).toBeGreaterThanOrEqual(2);
    expect(await tracesOf(other.name, pids)).toEqual([]);
    expect((await lab.ssh('web-01', 'true')).status).toBe(0);
  });

  it('refuses a second lab of the same name and leaves the first alone', async () => {
    await expect(openLab({ name, hosts: 1 })).rejects.toThrow(`A lab called "${name}" is up already`);
    expect((await lab.ssh('web-01', 'true')).status).toBe(0);
  });

  it.each([40, 150, 300, 2000])(
    'works from the name alone when the one who brought it up was killed after %i ms',
    async (ms) => {
      const killed = `${name}k${ms}`;
      const child = spawn('node', ['--import', 'tsx', '-e', openFor(killed)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await sleep(ms);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      const pids = await processesOf(killed);
      await sweep();
      expect(await tracesOf(killed, pids)).toEqual([]);
    },
  );

  it('is what Ctrl-C does to a lab that is coming up', async () => {
    const stopped = `${name}c`;
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const child = spawn('node', ['--import', 'tsx', main, '--name', stopped, 'up', '3'], {
      stdio: 'ignore',
    });
    while (!existsSync(labPaths(stopped).dir)) await sleep(5);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(await tracesOf(stopped, [])).toEqual([]);
  });

  it('removes what is left when the memory of it is gone as well', async () => {
    const forgotten = await openLab({ name: `${name}f`, hosts: 1 });
    const pids = await processesOf(forgotten.name);
    await writeFile(labPaths(forgotten.name).state, 'not even JSON');
    await (await openLab({ name: `${name}g`, hosts: 1 })).close();
    expect(await takeDown(forgotten.name)).toBe(true);
    expect(await tracesOf(forgotten.name, pids)).toEqual([]);
  });
});

describe('names', () => {
  it('says what a lab may be called and how big it may be', () => {
    expect(() => parseLabName('../etc')).toThrow('cannot name a lab');
    expect(() => hostNames(0)).toThrow('1 to 200 hosts');
    expect(hostNames(11).slice(-2)).toEqual(['app-01', 'app-02']);
  });
});

function openFor(lab: string): string {
  return `import('${fileURLToPath(new URL('./lab.ts', import.meta.url))}').then(({ openLab }) => {
    console.log('go');
    return openLab({ name: '${lab}', hosts: 3 });
  }).then(() => setInterval(() => {}, 1000));`;
}

async function processesOf(lab: string): Promise<readonly number[]> {
  // Gone meanwhile, when another file's lab comes up and sweeps.
  const found = await Promise.all((await namespacesOf(lab)).map((netns) => run(['ip', 'netns', 'pids', netns])));
  return found
    .map(({ stdout }) => stdout)
    .join('\n')
    .split('\n')
    .filter((pid) => pid !== '')
    .map(Number);
}

async function namespacesOf(lab: string): Promise<readonly string[]> {
  const list = (await must(['ip', 'netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');
  return list.filter((netns) => netns.startsWith(`tol.${lab}.`));
}

/** Whatever of a lab can still be seen: namespaces, processes it had, mounts, files. */
async function tracesOf(lab: string, pids: readonly number[]): Promise<readonly string[]> {
  const { dir, state } = labPaths(lab);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(`${dir}/`));
  // A zombie holds nothing; when it goes is up to the machine's process 1.
  const processes = pids.filter((pid) => lives(pid)).map(String);
  return [...(await namespacesOf(lab)), ...processes, ...mounts, ...[dir, state].filter((path) => existsSync(path))];
}
