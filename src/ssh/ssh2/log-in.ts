/** Opens one SSH connection to one host: handshake, host key, login. The only place that does. */
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type { AnyAuthMethod, Client, ServerHostKeyAlgorithm } from 'ssh2';
import type { ConnectionFailure, Denied } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { fingerprint } from '../host-key.ts';
import { sayable } from '../sayable.ts';
import { deniedFor, triedKeys } from '../tried-keys.ts';
import { connectionFailure } from './connection-failure.ts';
import type { Credentials } from './credentials.ts';

/** Judges the key a host offers: undefined lets the login go on. */
export type VerifyHostKey = (key: Buffer) => ConnectionFailure | undefined;

export interface LoginRequest {
  readonly host: Host;
  /** The way through the last jump host; undefined is a TCP connection of our own. */
  readonly through: Duplex | undefined;
  readonly verifyHostKey: VerifyHostKey;
  readonly hostKeyAlgorithms: ServerHostKeyAlgorithm[];
  readonly credentials: Credentials;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** What is used of node-ssh once it is connected: docs/decisions/0001. */
export type Ssh = Pick<NodeSSH, 'connection' | 'forwardOut' | 'dispose'>;

export type Login =
  | {
      readonly kind: 'logged-in';
      readonly ssh: Ssh;
      /** That of `ssh`, which forgets it when the host hangs up. */
      readonly client: Client;
      /** As fingerprint() gives it. */
      readonly hostKey: string;
      /** As Connection has it. */
      readonly method: string;
      /** Ends the connection without a word: ssh2's destroy() does nothing once its end() was called. */
      readonly cut: () => void;
    }
  | ConnectionFailure;

const KEEPALIVE = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

export function logIn(request: LoginRequest): Promise<Login> {
  const { host, verifyHostKey, hostKeyAlgorithms, credentials, readyTimeoutMs, signal } = request;
  // ssh2 takes a missing verifier as leave to trust anybody.
  if (typeof verifyHostKey !== 'function') throw new TypeError('A login needs a host key verifier.');
  const auth = authenticator(host.user, credentials);
  const ssh = new NodeSSH();
  const socket = request.through ?? dial(host);

  return new Promise((resolve, reject) => {
    let refusal: ConnectionFailure | undefined;
    let hostKey = '';

    function fail(failure: ConnectionFailure): void {
      signal.removeEventListener('abort', onAbort);
      resolve(failure);
      socket.destroy();
    }

    function onAbort(): void {
      fail({ kind: 'connection-lost', why: 'the connection was given up' });
    }

    const connecting = ssh.connect({
      ...KEEPALIVE,
      sock: socket,
      username: host.user,
      readyTimeout: readyTimeoutMs,
      authHandler: auth.next,
      algorithms: { serverHostKey: hostKeyAlgorithms },
      hostVerifier: (key: Buffer) => {
        // Keys are exchanged again every now and then: the host must not become another one meanwhile.
        if (hostKey !== '') return hostKey === fingerprint(key);
        hostKey = fingerprint(key);
        refusal = verifyHostKey(key);
        return refusal === undefined;
      },
    });
    // It is there as soon as connect() returns, and nothing has happened on it yet: no error is without a listener.
    const client = ssh.connection as Client;
    client.on('error', (error: SshError) => {
      if (isPassedOver(error)) return;
      const failure = refusal ?? connectionFailure(error, readyTimeoutMs / 1000);
      fail(failure.kind === 'authentication-failed' ? { ...failure, ...auth.denial(failure.why) } : failure);
    });
    client.once('close', () => fail({ kind: 'connection-lost', why: 'the host hung up during the login' }));
    client.once('ready', () => {
      signal.removeEventListener('abort', onAbort);
      resolve({ kind: 'logged-in', ssh, client, hostKey, method: auth.method(), cut: () => socket.destroy() });
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    // What it rejects with, the events above have told before, but for options that ssh2 does not take.
    connecting.catch((error: SshError) => {
      if (!isPassedOver(error)) reject(error);
    });
  });
}

type SshError = Error & { readonly level?: string };

/** ssh2 goes on to the next key when an agent fails, which is an end to node-ssh: so its promise is not what decides. */
function isPassedOver({ level }: SshError): boolean {
  return level === 'agent';
}

/** Nagle's algorithm would hold each small packet of a handshake back until the one before is acknowledged. */
function dial({ address, port }: Host): Socket {
  return connect({ host: address, port, noDelay: true });
}

interface Authenticator {
  readonly next: (
    methodsLeft: readonly string[] | null,
    partial: boolean | null,
    next: (method: never) => void,
  ) => void;
  /** By the error's words. */
  readonly denial: (said: string) => { readonly why: string; readonly denied?: Denied };
  /** The one that was tried last. */
  readonly method: () => string;
}

/** Keys only, and no "none" first: that would cost a round trip to learn what is known. */
function authenticator(username: string, { attempts, problems }: Credentials): Authenticator {
  const tried: string[] = [];
  let accepted: readonly string[] | null = null;

  function nextMethod(): AnyAuthMethod | false {
    const attempt = attempts[tried.length];
    if (attempt === undefined || (accepted !== null && !accepted.includes('publickey'))) return false;
    tried.push(attempt.what);
    if (attempt.kind === 'key') return { type: 'publickey', username, key: attempt.key };
    return { type: 'agent', username, agent: attempt.agent };
  }

  return {
    next(methodsLeft, _partial, next) {
      accepted = methodsLeft;
      (next as (method: AnyAuthMethod | false) => void)(nextMethod());
    },
    method: () => `publickey (${tried.at(-1)})`,
    denial(said) {
      const isCutOff = /too many/i.test(said);
      const takesKeys = accepted === null || accepted.includes('publickey');
      const keys = tried.length === 0 && takesKeys && !isCutOff ? ['no key to try'] : triedKeys(tried, isCutOff);
      const methods = takesKeys ? [] : [`it takes only ${sayable((accepted ?? []).join(', '))}`];
      return { why: [...keys, ...methods, ...problems].join('; '), ...deniedFor(isCutOff, takesKeys) };
    },
  };
}
