/** A Slack on this machine: the Web API, Socket Mode or signed HTTP, a page, and an API to act as any of its people. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACK_WITHIN_MS, type Acknowledged, type EnvelopeType, RETRY_REASON } from './acknowledged.ts';
import { perform } from './acts.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFileStore } from './file-store.ts';
import { createHttpDelivery, type SignedRequest } from './http-delivery.ts';
import { type Call, serveRequests } from './serve-requests.ts';
import { createShortLived } from './short-lived.ts';
import type { Act, Acted, Person, Snapshot } from './snapshot.ts';
import { createSocketMode } from './socket-mode.ts';
import { TOKENS } from './web-api.ts';
import { createWorkspace } from './workspace.ts';

export interface LocalSlackOptions {
  /** 0 = any free one. */
  readonly port?: number;
  /** Address to listen on: loopback, except in a container of its own. */
  readonly host?: string;
  /** Where to deliver over HTTP; without it, Socket Mode. */
  readonly requestUrl?: string;
  /** For an acknowledgement and a trigger_id over Socket Mode, where the machine is full and answering in time is not what is looked at. */
  readonly patienceMs?: number;
}

export interface LocalSlack extends AsyncDisposable {
  /** http://127.0.0.1:PORT, the page. */
  readonly url: string;
  readonly apiUrl: string;
  readonly tokens: typeof TOKENS;
  readonly snapshot: () => Snapshot;
  /** Resolves when the app has acknowledged, or three seconds have passed. */
  readonly act: (user: string, act: Act) => Promise<Acted>;
  /** Resolves with the first snapshot that is so; rejects with what there was. */
  readonly until: (seen: (snapshot: Snapshot) => boolean, withinMs?: number) => Promise<Snapshot>;
  /** Every call of the Web API, in order. */
  readonly calls: Call[];
  readonly faults: Faults & {
    readonly dropSockets: () => void;
    readonly refreshSockets: () => void;
    readonly refuseSockets: (times: number) => void;
  };
  /** Requests delivered over HTTP, to be sent again. */
  readonly sent: readonly SignedRequest[];
  /** An administrator makes somebody a guest, deactivates them, takes them back. */
  readonly becomes: (user: string, kind: Person['kind']) => void;
  /** Messages and calls that nobody will look at any more. */
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

/** How long to look for what will come: a machine that runs many hosts can be slow. */
const PATIENCE_MS = 60_000;
/** Slack waits a minute, then five; nobody here has that long. */
const RETRY_AFTER_MS = [0, 300, 1000];

export async function startLocalSlack({
  port = 0,
  host = '127.0.0.1',
  requestUrl,
  patienceMs = ACK_WITHIN_MS,
}: LocalSlackOptions = {}): Promise<LocalSlack> {
  const sockets = createSocketMode(() => workspace.changed(), patienceMs);
  const workspace = createWorkspace(() => requestUrl !== undefined || sockets.connections() > 0);
  const [faults, shortLived, files] = [createFaults(), createShortLived(patienceMs), createFileStore()];
  const [calls, sent]: [Call[], SignedRequest[]] = [[], []];
  let base = '';
  const world = { workspace, shortLived, files, base: () => base, openSocket: () => sockets.open(base) };
  const now = () => Date.now() + faults.skewSeconds() * 1000;
  const deliverOnce =
    requestUrl === undefined
      ? sockets.deliver
      : createHttpDelivery(requestUrl, TOKENS.signingSecret, now, (request) => sent.push(request));

  async function deliver(type: EnvelopeType, meant: Readonly<Record<string, unknown>>): Promise<Acknowledged> {
    const payload = faults.forged(meant);
    const [first, ...copies] = await Promise.all(
      Array.from({ length: faults.copies() }, () => deliverOnce(type, payload)),
    );
    const ack = first ?? copies[0] ?? { kind: 'nobody' };
    return type === 'events_api' ? retry(payload, ack) : ack;
  }

  /** Only events are tried again. */
  async function retry(payload: Readonly<Record<string, unknown>>, first: Acknowledged): Promise<Acknowledged> {
    let ack = first;
    for (const [index, wait] of RETRY_AFTER_MS.entries()) {
      if (ack.kind === 'acknowledged' || (ack.kind === 'refused' && !ack.again)) return ack;
      await sleep(wait, undefined, { ref: false });
      ack = await deliverOnce('events_api', payload, { number: index + 1, reason: RETRY_REASON[ack.kind] });
    }
    return ack;
  }

  const act = (user: string, what: Act) => perform(user, what, { workspace, shortLived, base: () => base, deliver });
  const serve = serveRequests({ world, faults, calls, act });
  const known = new WeakSet<Socket>();
  const server = createServer((request, response) => {
    if (faults.endsKept() && known.has(request.socket)) return void request.socket.destroy();
    known.add(request.socket);
    return serve(request, response);
  });
  server.on('upgrade', sockets.upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // Who listens everywhere is reached here.
  base = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${(server.address() as AddressInfo).port}`;

  async function stop(): Promise<void> {
    sockets.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  return {
    url: base,
    apiUrl: `${base}/api/`,
    tokens: TOKENS,
    snapshot: workspace.snapshot,
    act,
    until: (seen, withinMs = PATIENCE_MS) => until(workspace, seen, withinMs),
    calls,
    sent,
    faults: { ...faults, dropSockets: sockets.drop, refreshSockets: sockets.refresh, refuseSockets: sockets.refuse },
    becomes: workspace.becomes,
    forget() {
      calls.length = 0;
      sent.length = 0;
      workspace.forgetMessages();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Watched = Pick<ReturnType<typeof createWorkspace>, 'snapshot' | 'onChange'>;

function until(
  { snapshot, onChange }: Watched,
  seen: (snapshot: Snapshot) => boolean,
  withinMs: number,
): Promise<Snapshot> {
  const called = new Error();
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!seen(snapshot())) return;
      end();
      resolve(snapshot());
    };
    const timer = setTimeout(() => {
      end();
      const last = snapshot()
        .messages.slice(-6)
        .map(
          ({ text, thread, onlyFor }) =>
            `${thread === null ? '' : '  '}${onlyFor === null ? '' : `(only ${onlyFor}) `}${text}`,
        );
      reject(
        new Error(`Not seen within ${withinMs} ms; the last messages are:\n${last.join('\n')}`, { cause: called }),
      );
    }, withinMs);
    const unwatch = onChange(look);
    function end(): void {
      clearTimeout(timer);
      unwatch();
    }
    look();
  });
}
