/** The client's side of tests with a local sshd: a host to connect to, its known_hosts file, and pools that are closed. */
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '#domain/command.ts';
import { type Host, parseHostName, SSH2, type Transport } from '#domain/host.ts';
import { createPool, type Pool, type PoolOptions } from '#ssh/pool.ts';
import { LabError } from './lab-error.ts';
import type { LocalSshd } from './local-sshd.ts';

/** Both ways to log in; what differs between them is said where it is tested. */
export const TRANSPORTS = ['ssh2', 'openssh'] as const;
export type TransportKind = (typeof TRANSPORTS)[number];

type Changes = Partial<Omit<Host, 'name' | 'transport'>> & { readonly name?: string };
export type HostOf = (sshd: LocalSshd, changes?: Changes) => Host;

export function hostsBy(kind: TransportKind): HostOf {
  return (sshd, changes) => {
    const host = hostOf(sshd, changes);
    return kind === 'ssh2' ? host : { ...host, transport: { kind, ...forSsh(host, sshd.dir) } };
  };
}

let configs = 0;

/** The same host as ssh knows it: jump hosts from an ssh_config file of its own. */
function forSsh(host: Host, dir: string): Omit<Extract<Transport, { kind: 'openssh' }>, 'kind'> {
  const config = join(dir, `ssh_config.${++configs}`);
  const blocks = host.jump.map((hop) => [`Host ${hop.name}`, ...saidOf(hop, ' ')].join('\n'));
  writeFileSync(config, `${blocks.join('\n')}\n`, { mode: 0o600 });
  const way = host.jump.length === 0 ? [] : [`ProxyJump=${host.jump.map(({ name }) => name).join(',')}`];
  return { config, knownHosts: undefined, options: [...saidOf(host, '='), ...way] };
}

function saidOf({ address, port, user, identityFiles, hostKeyAlias }: Host, between: string): readonly string[] {
  const alias = hostKeyAlias === undefined ? [] : [['HostKeyAlias', hostKeyAlias]];
  const files = identityFiles.map((file) => ['IdentityFile', file]);
  const said = [['HostName', address], ['Port', String(port)], ['User', user], ...alias, ...files];
  return said.map((words) => words.join(between));
}

export function hostOf(sshd: LocalSshd, changes: Changes = {}): Host {
  const name = parseHostName(changes.name ?? 'web-01');
  if (name === undefined) throw new LabError(`${changes.name} is not a host name.`);
  const login = { address: '127.0.0.1', port: sshd.port, user: sshd.user, identityFiles: [sshd.identity] };
  return { groups: [], jump: [], transport: SSH2, ...login, ...changes, name };
}

/** Writes the sshd's known_hosts file; without lines, the one line that is right. */
export async function knownHosts(sshd: LocalSshd, lines?: readonly string[]): Promise<string> {
  const file = join(sshd.dir, 'known_hosts');
  const right = `[127.0.0.1]:${sshd.port} ${await sshd.hostKey()}`;
  await writeFile(file, (lines ?? [right]).map((line) => `${line}\n`).join(''));
  return file;
}

/** A script with generous limits. */
export function script(text: string, changes: Partial<Command> = {}): Command {
  return { input: { kind: 'script', script: text }, deadlineMs: 60_000, maxBytes: 1 << 20, ...changes };
}

/** A login may take long on a busy machine. */
const PATIENT = { readyTimeoutMs: 60_000 };

/** Its known_hosts files are those of either transport, as the inventory has it. */
export function openPool(options: PoolOptions): Pool {
  const pool = createPool({ ...PATIENT, ...options });
  const knowing = (host: Host): Host =>
    host.transport.kind === 'ssh2'
      ? host
      : { ...host, transport: { ...host.transport, knownHosts: options.knownHosts } };
  const knownOf = <T extends { readonly host: Host }>(known: T): T => ({ ...known, host: knowing(known.host) });
  return {
    ...pool,
    run: (host, request) => pool.run(knowing(host), request),
    copy: (wanted) => pool.copy({ ...wanted, from: knownOf(wanted.from), to: knownOf(wanted.to) }),
    read: (wanted) => pool.read(knownOf(wanted)),
  };
}

export async function withPool<T>(options: PoolOptions, use: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool(options);
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}
