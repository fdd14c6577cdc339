/** The client's side of tests with a local sshd: a host to connect to, its known_hosts file, and pools that are closed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '#domain/command.ts';
import { type Host, parseHostName, SSH2 } from '#domain/host.ts';
import { createPool, type Pool, type PoolOptions } from '#ssh/pool.ts';
import { LabError } from './lab-error.ts';
import type { LocalSshd } from './local-sshd.ts';

export function hostOf(sshd: LocalSshd, changes: Partial<Omit<Host, 'name'>> & { readonly name?: string } = {}): Host {
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

export async function withPool<T>(options: PoolOptions, use: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool({ ...PATIENT, ...options });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}
