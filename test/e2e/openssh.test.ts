/** What is promised of the system's ssh: it asks nobody, lends nothing, leaves nothing, and the key it tells of is the host's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '#domain/host.ts';
import { must } from '#lab/command.ts';
import { freePort } from '#lab/free-port.ts';
import { lives } from '#lab/lives.ts';
import { type LocalSshd, makeKey, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, openPool, script, withPool } from '#lab/ssh-client.ts';
import { cli } from './cli-process.ts';

const hostOf = hostsBy('openssh');
let sshd: LocalSshd;
let known: string;
let runtime: string;

beforeAll(async () => {
  sshd = await startSshd({ config: ['LogLevel VERBOSE'] });
  known = await knownHosts(sshd);
});
afterAll(() => sshd?.stop());
beforeEach(() => {
  runtime = mkdtempSync(join(tmpdir(), 'run-'));
  vi.stubEnv('XDG_RUNTIME_DIR', runtime);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(runtime, { recursive: true, force: true });
});

/** The host, with these lines in its ssh_config. */
function configured(...lines: readonly string[]): Host {
  const host = hostOf(sshd);
  if (host.transport.kind === 'openssh' && host.transport.config !== undefined)
    writeFileSync(host.transport.config, lines.map((line) => `${line}\n`).join(''));
  return host;
}

/** Processes with this directory in their words. */
function processes(dir = runtime): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && lives(Number(entry)))
    .filter((entry) => {
      try {
        return readFileSync(`/proc/${entry}/cmdline`, 'latin1').includes(dir);
      } catch {
        return false;
      }
    })
    .map(Number);
}

const leftBehind = () => ({ files: readdirSync(runtime), processes: processes() });
const NOTHING = { files: [], processes: [] };

describe('on this machine', () => {
  it('a connection has a directory for us alone, which is gone with it, and so is ssh', async () => {
    await withPool({ knownHosts: [known] }, async (pool) => {
      await pool.run(hostOf(sshd), script('echo'));
      const [dir = ''] = readdirSync(runtime);
      expect(statSync(join(runtime, dir)).mode & 0o777).toBe(0o700);
      expect(processes()).toHaveLength(1);
    });
    expect(leftBehind()).toEqual(NOTHING);
  });

  it.each<[string, () => Host, object]>([
    ['refused', () => hostOf(sshd, { port: 1 }), { kind: 'refused' }],
    ['a configuration that ssh cannot read', () => configured('Nonsense yes'), { kind: 'unreachable' }],
    ['a ProxyCommand that dies', () => configured('ProxyCommand echo no way >&2; exit 3'), { kind: 'proxy-failed' }],
    [
      'a ProxyCommand that prints garbage',
      () => configured('ProxyCommand echo hello; echo there'),
      { kind: 'proxy-failed' },
    ],
  ])('nothing is left of a login that fails: %s', async (_, host, expected) => {
    await withPool({ knownHosts: [known] }, async (pool) => {
      expect(await pool.run(host(), script('echo'))).toMatchObject(expected);
      expect(leftBehind()).toEqual(NOTHING);
    });
  });

  it('a ProxyCommand that hangs is ended with the login, with all that it has begun', async () => {
    const host = configured(`ProxyCommand sh -c 'trap "" HUP TERM; sleep 300; : ${runtime}'`);
    await withPool({ knownHosts: [known], readyTimeoutMs: 1000 }, async (pool) => {
      expect(await pool.run(host, script('echo'))).toMatchObject({ kind: 'proxy-failed' });
    });
    expect(leftBehind()).toEqual(NOTHING);
  });

  it('is named a file of theirs as they know it', async () => {
    const host = configured('Nonsense yes');
    const config = host.transport.kind === 'openssh' ? host.transport.config : undefined;
    await withPool({ knownHosts: [known] }, async (pool) => {
      expect(await pool.run(host, script('echo'))).toMatchObject({ why: expect.stringContaining(`${config}`) });
    });
  });

  it('a port where something else answers is told by its words', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\nHost key verification failed.\r\n\r\n');
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const result = await withPool({ knownHosts: [known] }, (pool) => pool.run(hostOf(sshd, { port }), script('echo')));
    expect(result).toMatchObject({
      ...{ kind: 'unreachable', why: 'what answers there is not SSH: "HTTP/1.1 400 Bad Request"' },
    });
    server.close();
  });

  it('without mkfifo says what is missing', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    const result = await withPool({ knownHosts: [known] }, (pool) => pool.run(hostOf(sshd), script('echo')));
    expect(result).toMatchObject({
      kind: 'ssh-unfit',
      why: expect.stringMatching(/control socket: mkfifo \(ENOENT\)/),
    });
    expect(leftBehind()).toEqual(NOTHING);
  });

  it.each(['openssh', 'ssh2'] as const)('no algorithm in common with the host, by %s', async (transport) => {
    const old = await startSshd({ config: ['Ciphers aes128-cbc', 'MACs hmac-sha1'] });
    const file = await knownHosts(old);
    const result = await withPool({ knownHosts: [file] }, (pool) => pool.run(hostsBy(transport)(old), script('echo')));
    expect(result).toMatchObject({ kind: 'ssh-unfit', why: expect.stringMatching(/^no matching .*cipher/) });
    await old.stop();
  });

  it('without a program ssh says so', async () => {
    const dir = join(runtime, 'bin');
    await must(['sh', '-c', `mkdir ${dir} && ln -s "$(command -v mkfifo)" ${dir}`]);
    vi.stubEnv('PATH', dir);
    const result = await withPool({ knownHosts: [known] }, (pool) => pool.run(hostOf(sshd), script('echo')));
    expect(result).toMatchObject({ kind: 'no-ssh' });
  });
});

describe('a process of ours that is ended', () => {
  const program = (host: Host) => `
    import { openPool } from '#lab/ssh-client.ts';
    const pool = openPool({ knownHosts: [${JSON.stringify(known)}] });
    await pool.run(${JSON.stringify(host)}, { input: { kind: 'script', script: 'echo' }, deadlineMs: 60000, maxBytes: 1000 });
    process.on('SIGTERM', () => process.exit(143));
    process.stdout.write('ready');
    setInterval(() => {}, 1000);
  `;

  async function ready(): Promise<ChildProcess> {
    const words = ['--import', 'tsx', '--input-type=module', '--eval', program(hostOf(sshd))];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return child;
  }

  const gone = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));
  const ssh = () => processes().filter((pid) => /^ssh\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1')));

  it('without closing its pool leaves no file', async () => {
    const child = await ready();
    expect(readdirSync(runtime)).toHaveLength(1);
    child.kill('SIGTERM');
    await gone(child);
    expect(readdirSync(runtime)).toEqual([]);
  });

  it('by SIGKILL leaves an ssh that ends by itself within seconds', async () => {
    const child = await ready();
    const masters = ssh();
    expect(masters).toHaveLength(1);
    const began = performance.now();
    child.kill('SIGKILL');
    await gone(child);
    await expect.poll(() => masters.filter(lives)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});

describe('Ctrl-C', () => {
  it('during a check leaves no ssh and no file', async () => {
    const config = join(sshd.dir, 'tcp-oncall.yaml');
    const host = { address: '127.0.0.1', port: sshd.port, user: sshd.user, identityFile: sshd.identity };
    const ssh = { transport: 'openssh', knownHosts: known, agent: false };
    // YAML is a superset of JSON.
    writeFileSync(config, JSON.stringify({ hosts: { 'web-01': host }, ssh }));
    const connected = () =>
      expect.poll(() => existsSync(join(runtime, readdirSync(runtime)[0] ?? '', 'control'))).toBe(true);
    const ended = await cli(['check', 'web-01', '--interval', '30s', '--config', config], {
      env: { XDG_RUNTIME_DIR: runtime },
      interruptWhen: connected,
    });
    expect(ended.status).toBe(130);
    expect(leftBehind()).toEqual(NOTHING);
  });
});

describe('nobody is asked', () => {
  it('for a password, by a host that takes nothing else', async () => {
    const asks = await startSshd({ config: ['PasswordAuthentication yes', 'AuthenticationMethods password'] });
    try {
      const pool = { knownHosts: [await knownHosts(asks)] };
      vi.stubEnv('SSH_ASKPASS', '/bin/false');
      vi.stubEnv('DISPLAY', ':0');
      const result = await withPool(pool, (open) => open.run(hostOf(asks), script('echo')));
      expect(result).toMatchObject({
        kind: 'authentication-failed',
        why: expect.stringContaining('it takes only password'),
      });
    } finally {
      await asks.stop();
    }
  });

  it('whether a key is the right one, whatever ssh_config wants', async () => {
    const host = configured(
      'StrictHostKeyChecking no',
      'BatchMode no',
      'UserKnownHostsFile /dev/null',
      'VerifyHostKeyDNS yes',
    );
    const stranger = await knownHosts(sshd, []);
    const result = await withPool({ knownHosts: [stranger] }, (pool) => pool.run(host, script('echo')));
    expect(result).toMatchObject({ kind: 'host-key-unknown', hop: 'web-01' });
    expect(readFileSync(stranger, 'utf8')).toBe('');
    await knownHosts(sshd);
  });
});

describe('nothing is lent', () => {
  it('no port, no agent, no command of this machine, whatever ssh_config wants', async () => {
    const [port, proof] = [await freePort(), join(runtime, 'proof')];
    const host = configured(
      ...[
        'ForwardAgent yes',
        'ForwardX11 yes',
        `LocalForward ${port} 127.0.0.1:${sshd.port}`,
        'ExitOnForwardFailure yes',
      ],
      ...[`RemoteForward ${await freePort()} 127.0.0.1:1`, 'PermitLocalCommand yes', `LocalCommand touch ${proof}`],
      ...['RequestTTY force', 'SessionType none', 'RemoteCommand touch /tmp/never'],
    );
    await withPool({ knownHosts: [known] }, async (pool) => {
      const seen = await pool.run(host, script('echo "$SSH_AUTH_SOCK$DISPLAY$SSH_TTY"; [ -t 0 ] || echo no terminal'));
      expect(seen).toMatchObject({ kind: 'exited', stdout: '\nno terminal\n' });
      const refused = await new Promise((resolve) => {
        const server = createServer().listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
        server.once('error', () => resolve(true));
      });
      expect([refused, existsSync(proof)]).toEqual([false, false]);
    });
  });

  it('none of our secrets to a command of ssh_config', async () => {
    vi.stubEnv('TCP_ONCALL_KEY_PASSPHRASE', 'correct horse');
    vi.stubEnv('SLACK_BOT_TOKEN', 'xoxb-1');
    const said = join(runtime, 'environment');
    const host = configured(`ProxyCommand sh -c 'env >${said}; exit 1'`);
    await withPool({ knownHosts: [known] }, (pool) => pool.run(host, script('echo')));
    expect(readFileSync(said, 'utf8')).toContain('LC_ALL=C');
    expect(readFileSync(said, 'utf8')).not.toMatch(/correct horse|xoxb-1/);
  });
});

describe('the key that is told', () => {
  const fingerprintOf = async (file: string) => (await must(['ssh-keygen', '-l', '-f', file])).split(' ')[1];

  it('is the one that is certified, where only the certificate is known', async () => {
    const authority = join(sshd.dir, 'authority');
    await makeKey(authority);
    const dir = mkdtempSync(join(tmpdir(), 'certified-'));
    await makeKey(join(dir, 'host'));
    await must(['ssh-keygen', '-q', '-s', authority, '-h', '-I', 'web-01', '-n', '127.0.0.1', join(dir, 'host.pub')]);
    const certified = await startSshd({
      config: [`HostKey ${join(dir, 'host')}`, `HostCertificate ${join(dir, 'host-cert.pub')}`],
    });
    try {
      await certified.authorize(sshd.identity);
      const line = `@cert-authority * ${readFileSync(`${authority}.pub`, 'utf8')}`;
      const file = await knownHosts(certified, [line.trim()]);
      const result = await withPool({ knownHosts: [file] }, (pool) => pool.run(hostOf(certified), script('echo in')));
      expect(result).toMatchObject({ kind: 'exited', hostKey: await fingerprintOf(join(dir, 'host.pub')) });
    } finally {
      await certified.stop();
      rmSync(dir, { recursive: true });
    }
  });

  it('is that of the host, not of the jump host before it', async () => {
    const bastion = await startSshd();
    try {
      const both = [`[127.0.0.1]:${bastion.port} ${await bastion.hostKey()}`, readFileSync(known, 'utf8').trim()];
      const file = await knownHosts(bastion, both);
      const jump = [hostOf(bastion, { name: 'bastion' })];
      const result = await withPool({ knownHosts: [file] }, (pool) => pool.run(hostOf(sshd, { jump }), script('echo')));
      expect(result.hostKey).toBe(await fingerprintOf(join(sshd.dir, 'host_ed25519.pub')));
      expect(result.hostKey).not.toBe(await fingerprintOf(join(bastion.dir, 'host_ed25519.pub')));
    } finally {
      await bastion.stop();
    }
  });
});

describe('a connection', () => {
  it('lives on while sshd asks for signs of life', async () => {
    const strict = await startSshd({ config: ['ClientAliveInterval 1', 'ClientAliveCountMax 1'] });
    try {
      const pool = { knownHosts: [await knownHosts(strict)] };
      const result = await withPool(pool, (open) => open.run(hostOf(strict), script('sleep 4; echo still')));
      expect(result).toMatchObject({ kind: 'exited', stdout: 'still\n' });
    } finally {
      await strict.stop();
    }
  });

  it('is lost, and says so, when the master is killed', async () => {
    await using pool = openPool({ knownHosts: [known] });
    const onStdout = () => processes().forEach((pid) => void process.kill(pid, 'SIGKILL'));
    expect(await pool.run(hostOf(sshd), script('echo; sleep 60', { onStdout }))).toMatchObject({
      kind: 'connection-lost',
    });
    expect(await pool.run(hostOf(sshd), script('echo again'))).toMatchObject({ kind: 'exited', stdout: 'again\n' });
  });
});
