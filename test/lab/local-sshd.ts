/** A real sshd on loopback, for tests of connections: its own keys and configuration, ended by process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { must } from './command.ts';
import { freePort } from './free-port.ts';
import { LabError } from './lab-error.ts';

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa';

export interface SshdOptions {
  /** Types of its host keys. */
  readonly hostKeys?: readonly KeyType[];
  /** Has its Ed25519 host key signed before it starts; resolves with the certificate. */
  readonly certifyHost?: (key: string) => Promise<string>;
  /** Further lines of sshd_config(5); the first value of a keyword counts, so these win. */
  readonly config?: readonly string[];
  /** What serves files; null = nothing does. */
  readonly sftp?: string | null;
  /** Listen here instead of on a free port: to come back after `stop`. */
  readonly port?: number;
  /** A program and its words that start it, such as one that gives it accounts of its own. */
  readonly through?: readonly string[];
}

export interface LocalSshd {
  readonly port: number;
  readonly user: string;
  /** Of the listening process. */
  readonly pid: number;
  readonly dir: string;
  /** A private key that may log in. */
  readonly identity: string;
  /** `type base64` of its host key of this type. */
  readonly hostKey: (type?: KeyType) => Promise<string>;
  /** Lets another public key (the file's path without .pub) log in. */
  readonly authorize: (identity: string) => Promise<void>;
  /** What it has logged so far. */
  readonly log: () => string;
  /** Processes that serve a connection. */
  readonly children: () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 30_000;

export async function startSshd(options: SshdOptions = {}): Promise<LocalSshd> {
  const { hostKeys = ['ed25519'], config = [], sftp = 'internal-sftp', port, through = [], certifyHost } = options;
  const dir = await mkdtemp(join(tmpdir(), 'local-sshd-'));
  const identity = join(dir, 'id_ed25519');
  const authorizedKeys = join(dir, 'authorized_keys');
  // Root's sshd separates its privileges in this directory; elsewhere it needs none.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  await Promise.all([makeKey(identity), ...hostKeys.map((type) => makeKey(join(dir, `host_${type}`), { type }))]);
  await writeFile(authorizedKeys, await readFile(`${identity}.pub`), { mode: 0o600 });
  const certificate = await certifyHost?.(join(dir, 'host_ed25519'));
  const listenOn = port ?? (await freePort());
  const lines = [
    ...config,
    `Port ${listenOn}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((type) => `HostKey ${join(dir, `host_${type}`)}`),
    ...(certificate === undefined ? [] : [`HostCertificate ${certificate}`]),
    `AuthorizedKeysFile ${authorizedKeys}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'MaxStartups 200',
    // Not what this machine's people have their shells do first.
    `SetEnv HOME=${dir}`,
    ...(sftp === null ? [] : [`Subsystem sftp ${sftp === 'internal-sftp' ? `internal-sftp -d ${dir}` : sftp}`]),
    `PidFile ${join(dir, 'pid')}`,
  ];
  await writeFile(join(dir, 'sshd_config'), `${lines.join('\n')}\n`);
  const { child, log } = await launch(join(dir, 'sshd_config'), through);
  const pid = child.pid ?? 0;
  return {
    port: listenOn,
    user: userInfo().username,
    pid,
    dir,
    identity,
    log,
    hostKey: async (type = 'ed25519') => publicHalf(join(dir, `host_${type}`)),
    authorize: async (file) => writeFile(authorizedKeys, await readFile(`${file}.pub`), { flag: 'a' }),
    children: async () => {
      const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
      return text.trim().split(' ').filter(Boolean).map(Number);
    },
    async stop() {
      await end(child);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface KeyOptions {
  readonly type?: KeyType;
  readonly passphrase?: string;
}

/** Makes the key pair `file`, `file`.pub. */
export async function makeKey(file: string, { type = 'ed25519', passphrase = '' }: KeyOptions = {}): Promise<void> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await must(['ssh-keygen', '-q', '-t', type, ...bits, '-N', passphrase, '-C', '', '-f', file]);
  await chmod(file, 0o600);
}

/** `type base64` of a key pair. */
export async function publicHalf(file: string): Promise<string> {
  const [type, key] = (await readFile(`${file}.pub`, 'utf8')).trim().split(' ');
  return `${type} ${key}`;
}

function launch(config: string, through: readonly string[]): Promise<{ child: ChildProcess; log: () => string }> {
  const [program = '', ...words] = [...through, '/usr/sbin/sshd', '-D', '-e', '-f', config];
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  return new Promise((resolve, reject) => {
    const fail = () => reject(new LabError(`sshd did not start: ${log.trim() || 'no reason given'}`));
    const timer = setTimeout(fail, READY_WITHIN_MS);
    child.once('error', fail);
    child.once('exit', fail);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (!log.includes('Server listening')) return;
      clearTimeout(timer);
      child.off('exit', fail);
      resolve({ child, log: () => log });
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
