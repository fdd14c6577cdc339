/** An SFTP session over a leased connection, when that has a place for it, and ended when it was used. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KnownHost } from '#app/ports.ts';
import type { Connection } from './connection.ts';
import { away, gone, refusal } from './file-error.ts';
import type { OverConnection } from './over-connection.ts';
import { openSftp, type Sftp } from './sftp.ts';
import { type Stop, unlessStopped } from './stop.ts';

type Use<T> = (sftp: Sftp) => Promise<T>;

/** sshd may count a session a moment longer than its channel is open. */
const TRIES = 4;
const BETWEEN_TRIES_MS = 50;

/** Rejects with a FileError, and with what `use` throws. */
export async function withSftp<T>(over: OverConnection, known: KnownHost, stop: Stop, use: Use<T>): Promise<T> {
  const { name } = known.host;
  const first = await once(over, known, stop, use);
  // The connection had died since its last use: nothing was begun, so once more over a new one.
  const done = first.kind === 'lost' ? await once(over, known, stop, use) : first;
  if (done.kind === 'not-connected') throw away(name, done.end);
  if (done.kind === 'lost') throw gone(name);
  return done.value;
}

function once<T>(over: OverConnection, { host, hostKey }: KnownHost, stop: Stop, use: Use<T>) {
  return over(host, hostKey, stop, async (connection) => {
    const done = await whenFree(connection, host.name, stop, use);
    if (done.kind === 'lost') await unlessStopped(connection.closed, stop);
    return done;
  });
}

/** One session for both where they are one host: it may allow no second. */
export function withBoth<T>(
  over: OverConnection,
  from: KnownHost,
  to: KnownHost,
  stop: Stop,
  use: (from: Sftp, to: Sftp) => Promise<T>,
): Promise<T> {
  if (from.host.name === to.host.name && from.hostKey === to.hostKey)
    return withSftp(over, to, stop, (both) => use(both, both));
  return withSftp(over, from, stop, (source) => withSftp(over, to, stop, (target) => use(source, target)));
}

type Used<T> = { readonly kind: 'used'; readonly value: T } | { readonly kind: 'lost' };

async function whenFree<T>(connection: Connection, host: string, stop: Stop, use: Use<T>): Promise<Used<T>> {
  const { slots } = connection;
  for (let tries = 0; tries < TRIES; await sleep(BETWEEN_TRIES_MS)) {
    const slot = slots.take();
    try {
      if ((await unlessStopped(slot.ready, stop)) !== undefined) return { kind: 'lost' };
      const opening = await openSftp(connection, host, stop);
      if (opening.kind === 'open') return { kind: 'used', value: await usedOnce(opening.sftp, stop, use) };
      if (opening.kind === 'lost') return { kind: 'lost' };
      if (opening.kind === 'none') break;
      // With others running, the host allows fewer sessions than we thought: we wait for one of them to end.
      slots.limitTo(slots.inUse() - 1);
      if (slots.inUse() === 1) tries++;
    } finally {
      slot.release();
    }
  }
  throw refusal('no-sftp', host, '');
}

async function usedOnce<T>(sftp: Sftp, stop: Stop, use: Use<T>): Promise<T> {
  void stop.stopped.then(sftp.end);
  try {
    return await use(sftp);
  } finally {
    sftp.end();
  }
}
