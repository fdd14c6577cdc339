/** Open connections by host: one attempt shared by all who want it, closed when nobody has used it for a while. */
import type { ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import type { Connection } from './connection.ts';

export interface Lease {
  readonly ready: Promise<Connection | ConnectionFailure>;
  /** Call once. */
  readonly release: () => void;
}

export interface Leases {
  readonly take: (host: Host) => Lease;
  /** Ends every connection and every attempt at one. */
  readonly close: () => Promise<void>;
}

/** Opens a connection; `signal` says that nobody wants it any more. */
type Open = (host: Host, signal: AbortSignal) => Promise<Connection | ConnectionFailure>;

interface Entry {
  readonly ready: Promise<Connection | ConnectionFailure>;
  readonly giveUp: AbortController;
  connection: Connection | undefined;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

export function createLeases(open: Open, idleMs: number): Leases {
  const entries = new Map<string, Entry>();

  function add(host: Host, key: string): Entry {
    const giveUp = new AbortController();
    const ready = open(host, giveUp.signal).then(settle, (thrown) => {
      forget();
      throw thrown;
    });
    const entry: Entry = { ready, giveUp, connection: undefined, users: 0, idle: undefined };
    entries.set(key, entry);

    function forget(): void {
      clearTimeout(entry.idle);
      if (entries.get(key) === entry) entries.delete(key);
    }

    function settle(opened: Connection | ConnectionFailure): Connection | ConnectionFailure {
      if (opened.kind !== 'connected') {
        forget();
        return opened;
      }
      entry.connection = opened;
      void opened.closed.then(forget);
      if (entries.get(key) !== entry) void opened.hangUp();
      return opened;
    }
    return entry;
  }

  /** Nobody needs it: an open one waits for the next run, an attempt is given up. */
  function leave(key: string, entry: Entry): void {
    if (--entry.users > 0) return;
    const drop = () => {
      if (entries.get(key) === entry) entries.delete(key);
      entry.giveUp.abort();
      if (entry.connection !== undefined) void entry.connection.hangUp();
    };
    if (entry.connection === undefined) drop();
    else if (entry.connection.lost() === undefined) entry.idle = setTimeout(drop, idleMs);
  }

  return {
    take(host) {
      const key = keyOf(host);
      const entry = entries.get(key) ?? add(host, key);
      entry.users++;
      clearTimeout(entry.idle);
      return { ready: entry.ready, release: () => leave(key, entry) };
    },
    async close() {
      const open = [...entries.values()];
      entries.clear();
      for (const entry of open) {
        clearTimeout(entry.idle);
        entry.giveUp.abort();
      }
      await Promise.all(open.map(({ connection }) => connection?.hangUp()));
    },
  };
}

/** Groups do not make another connection; everything else does. */
function keyOf({ groups: _, jump, ...login }: Host): string {
  return JSON.stringify([login, jump.map(keyOf)]);
}
