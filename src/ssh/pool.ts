/** Runs commands on hosts over connections that are opened once and kept for the next run. */
import { setMaxListeners } from 'node:events';
import type { CopyFile, HostKeyScan, LoginMethod, ReadFile, RunOnHost } from '#app/ports.ts';
import type { Command, CommandResult, Output } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import type { Executed } from './execute.ts';
import { createHostFiles } from './host-files.ts';
import { createLeases } from './leases.ts';
import { connectByOpenssh } from './openssh/connect.ts';
import { notConnected, type OverConnection } from './over-connection.ts';
import { unpacked } from './remote-command.ts';
import { NOTHING, runOver } from './run-over.ts';
import { type ConnectionOptions, openConnection } from './ssh2/connect.ts';
import { type CredentialOptions, createKeyring } from './ssh2/credentials.ts';
import { openRoute } from './ssh2/route.ts';
import { scanHostKeys } from './ssh2/scan-host-keys.ts';
import { type Stop, unlessStopped, watchStop } from './stop.ts';

export interface PoolOptions extends CredentialOptions {
  /** known_hosts files; a host none of them lists is not connected to. */
  readonly knownHosts: readonly string[];
  /** TCP, handshake and login together. */
  readonly readyTimeoutMs?: number;
  /** How long a connection without a run is kept. */
  readonly idleMs?: number;
  /** Runs at once over one connection; further ones wait. */
  readonly sessions?: number;
}

export interface Pool extends AsyncDisposable {
  readonly run: RunOnHost;
  readonly copy: CopyFile;
  readonly read: ReadFile;
  /** The keys a host offers, asked for over verified jump hosts. */
  readonly scanHostKeys: (host: Host) => Promise<HostKeyScan>;
  /** What lets us in, in SSH's words; null when nothing does. */
  readonly loginMethod: LoginMethod;
  /** Ends every run, on the host too, and every connection. */
  readonly close: () => Promise<void>;
}

type Attempt = Executed & Pick<Output, 'hostKey'>;

const UNCONNECTED = { ...NOTHING, hostKey: null };

export function createPool(options: PoolOptions): Pool {
  const { knownHosts, agentSocket, readyTimeoutMs = 10_000, idleMs = 60_000, sessions = 6 } = options;
  const settings: ConnectionOptions = { knownHosts, readyTimeoutMs, sessions, credentials: createKeyring(options) };
  const openssh = { agentSocket, readyTimeoutMs, sessions };
  const leases = createLeases(open, idleMs);
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  setMaxListeners(0, closing.signal);

  async function open(host: Host, signal: AbortSignal) {
    if (host.transport.kind === 'openssh') return connectByOpenssh(host, host.transport, openssh, signal);
    const route = await openRoute(host, leases);
    if (route.kind !== 'route') return route;
    const opened = await openConnection(host, route.through, settings, signal);
    if (opened.kind === 'connected') {
      void opened.closed.then(route.release);
      return opened;
    }
    const explained = await route.explain(opened);
    route.release();
    return explained;
  }

  const over: OverConnection = async (host, wanted, stop, use) => {
    const already = stop.reason();
    if (already !== undefined) return notConnected({ kind: already });
    const lease = leases.take(host);
    try {
      const opened = await unlessStopped(lease.ready, stop);
      if (typeof opened === 'string') return notConnected({ kind: opened });
      if (opened.kind !== 'connected') return notConnected(opened);
      const { hostKey: fingerprint } = opened;
      if (wanted !== undefined && fingerprint !== wanted)
        return notConnected({ kind: 'host-key-other', hop: host.name, fingerprint, wanted });
      return await use(opened);
    } finally {
      lease.release();
    }
  };

  async function runOnce(host: Host, request: Command, stop: Stop): Promise<Attempt> {
    const second = () => open(host, AbortSignal.timeout(readyTimeoutMs));
    const ran = await over(host, request.hostKey, stop, async (connection) => ({
      ...(await runOver(connection, request, stop, second)),
      hostKey: connection.hostKey,
    }));
    if (ran.kind !== 'not-connected') return ran;
    return { ...NOTHING, ...ran.end, hostKey: ran.end.kind === 'host-key-other' ? ran.end.fingerprint : null };
  }

  async function run(host: Host, request: Command): Promise<CommandResult> {
    const began = performance.now();
    if (request.signal !== undefined) setMaxListeners(0, request.signal);
    using stop = watchStop(request.deadlineMs, [request.signal, closing.signal]);
    let executed = await runOnce(host, request, stop);
    // The connection had died since its last use: nothing ran, so once more over a new one.
    if (executed.kind === 'not-opened') executed = await runOnce(host, request, stop);
    const instead = unpacked(request, executed);
    if (instead !== undefined) executed = await runOnce(host, instead, stop);
    return { ...orLost(executed), milliseconds: performance.now() - began };
  }

  async function loginMethod(host: Host): Promise<string | null> {
    const lease = leases.take(host);
    const opened = await lease.ready;
    lease.release();
    return opened.kind === 'connected' ? (opened.method ?? null) : null;
  }

  function tracked<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    const done = () => running.delete(work);
    work.then(done, done);
    return work;
  }

  async function close(): Promise<void> {
    closing.abort();
    await Promise.allSettled(running);
    await leases.close();
  }

  const files = createHostFiles({ over, run }, closing.signal);
  return {
    run: (host, request) => tracked(run(host, request)),
    copy: (wanted) => tracked(files.copy(wanted)),
    read: (wanted) => tracked(files.read(wanted)),
    scanHostKeys: (host) => tracked(scanHostKeys(host, leases, settings)),
    loginMethod: (host) => tracked(loginMethod(host)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function orLost(attempt: Attempt): Exclude<Attempt, { kind: 'not-opened' }> {
  if (attempt.kind !== 'not-opened') return attempt;
  return { ...UNCONNECTED, kind: 'connection-lost', why: 'it closed the connection before the command began' };
}
