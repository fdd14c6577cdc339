/** Opens a connection by ssh2, to a host whose key is known. */
import type { Duplex } from 'node:stream';
import type { ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { type Connection, ENDINGS, HANG_UP_WITHIN_MS } from '../connection.ts';
import { algorithmsFor, fingerprint, judgeHostKey, keysListed } from '../host-key.ts';
import { type KnownKey, lookupName } from '../known-hosts.ts';
import { readKnownHosts } from '../read-known-hosts.ts';
import { sayable } from '../sayable.ts';
import { createSlots } from '../slots.ts';
import type { Credentials } from './credentials.ts';
import { type Login, logIn, type VerifyHostKey } from './log-in.ts';
import { openChannel } from './open-channel.ts';

export interface ConnectionOptions {
  readonly knownHosts: readonly string[];
  readonly readyTimeoutMs: number;
  readonly sessions: number;
  readonly credentials: (files: readonly string[]) => Promise<Credentials>;
}

type LoggedIn = Extract<Login, { kind: 'logged-in' }>;

export async function openConnection(
  host: Host,
  through: Duplex | undefined,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<Connection | ConnectionFailure> {
  const [known, credentials] = await Promise.all([
    readKnownHosts(options.knownHosts),
    options.credentials(host.identityFiles),
  ]);
  if (known.kind === 'unreadable') return { kind: 'known-hosts-unreadable', why: known.why };
  const listed = keysListed(known.keys, lookupName(host));
  const login = await logIn({
    host,
    through,
    credentials,
    signal,
    verifyHostKey: verifierFor(host, listed),
    hostKeyAlgorithms: algorithmsFor(listed),
    readyTimeoutMs: options.readyTimeoutMs,
  });
  return login.kind === 'logged-in' ? watch(login, options.sessions) : login;
}

function verifierFor(host: Host, listed: readonly KnownKey[]): VerifyHostKey {
  return (key) => {
    const verdict = judgeHostKey(listed, key);
    const offer = { hop: host.name, fingerprint: fingerprint(key) };
    if (verdict.kind === 'trusted') return undefined;
    if (verdict.kind === 'unknown') return { kind: 'host-key-unknown', ...offer };
    return { kind: `host-key-${verdict.kind}`, ...offer, knownAt: verdict.knownAt };
  };
}

function watch({ ssh, client, hostKey, method, cut }: LoggedIn, sessions: number): Connection {
  let why: string | undefined;
  let lost: string | undefined;
  client.on('error', (error) => {
    why ??= error.message === 'Keepalive timeout' ? 'the host has not answered for 15 s' : sayable(error.message);
  });
  const closed = new Promise<void>((resolve) => {
    function onGone(): void {
      lost ??= why ?? 'the host closed the connection';
      cut();
      resolve();
    }
    // After the last word of the host, node-ssh has no connection; what leads through a jump host may stay half open.
    client.once('end', onGone);
    client.once('close', onGone);
  });
  async function hangUp(): Promise<void> {
    ssh.dispose();
    const timer = setTimeout(cut, HANG_UP_WITHIN_MS);
    await closed;
    clearTimeout(timer);
  }

  return {
    kind: 'connected',
    hostKey,
    method,
    openChannel: (request, user) => openChannel(ssh, request, user),
    forward: (address, port) => ssh.forwardOut('127.0.0.1', 0, address, port),
    slots: createSlots(sessions),
    endings: createSlots(ENDINGS),
    lost: () => lost,
    hangUp,
    closed,
  };
}
