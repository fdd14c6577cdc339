/** One run over an open connection: waits for its turn, runs, and ends on the host what must end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, ConnectionFailure } from '#domain/command.ts';
import type { Connection } from './connection.ts';
import { endRemote } from './end-remote.ts';
import { type Executed, execute } from './execute.ts';
import { createMark } from './mark.ts';
import type { Printed } from './output.ts';
import { type Stop, unlessStopped } from './stop.ts';

/** A second connection, for a host that allows no second session on the first. */
export type OpenSecond = () => Promise<Connection | ConnectionFailure>;

export const NOTHING: Printed = { stdout: '', stderr: '', bytes: 0 };

/** sshd may count a session a moment longer than its channel is open. */
const TRIES = 4;
const BETWEEN_TRIES_MS = 50;

/** `not-opened` only when the connection had died before anything ran. */
export async function runOver(
  connection: Connection,
  request: Command,
  stop: Stop,
  second: OpenSecond,
): Promise<Executed> {
  for (let tries = 0; tries < TRIES; ) {
    const { executed, others } = await runInTurn(connection, request, stop, second);
    if (executed.kind !== 'not-opened' || connection.lost() !== undefined) return executed;
    if (executed.reason === undefined) break;
    // With others running, the host allows fewer sessions than we thought: we wait for one of them to end.
    if (others === 0) {
      tries++;
      await sleep(BETWEEN_TRIES_MS);
    }
  }
  return { ...NOTHING, kind: 'refused', why: 'it opens no session for commands' };
}

/** `others`: how many runs the connection carried when this one ended. */
async function runInTurn(
  connection: Connection,
  request: Command,
  stop: Stop,
  second: OpenSecond,
): Promise<{ readonly executed: Executed; readonly others: number }> {
  const { slots } = connection;
  const slot = slots.take();
  try {
    const stopped = await unlessStopped(slot.ready, stop);
    if (stopped !== undefined) return { executed: { ...NOTHING, kind: stopped }, others: 0 };
    const mark = createMark();
    const endRemote = (pid: number | undefined) => endOnHost(connection, mark, pid, second);
    const executed = await execute({ connection, mark, request, stop, endRemote });
    const others = slots.inUse() - 1;
    if (executed.kind === 'not-opened' && executed.reason !== undefined) slots.limitTo(others);
    return { executed, others };
  } finally {
    slot.release();
  }
}

const NO_SECOND = 'processes of this run may live on: no second session to end them';

async function endOnHost(connection: Connection, mark: string, pid: number | undefined, openSecond: OpenSecond) {
  const ending = connection.lost() === undefined ? await endRemote(connection, mark, pid) : undefined;
  if (ending?.kind === 'gone') return undefined;
  if (ending?.kind === 'left') return ending.why;
  const second = await openSecond();
  if (second.kind !== 'connected') return NO_SECOND;
  // The process id is another process on another host, which may have taken over the address.
  const again = second.hostKey === connection.hostKey ? await endRemote(second, mark, pid) : undefined;
  void second.hangUp();
  if (again === undefined || again.kind === 'no-session') return NO_SECOND;
  return again.kind === 'left' ? again.why : undefined;
}
