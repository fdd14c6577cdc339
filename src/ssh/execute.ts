/** One command on an open connection, from its channel's opening to its close. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandEnd } from '#domain/command.ts';
import { watchAnnouncement } from './announcement.ts';
import type { Channel, ChannelEnd } from './channel.ts';
import type { Connection } from './connection.ts';
import { gatherOutput, type Printed } from './output.ts';
import { remoteCommand } from './remote-command.ts';
import type { Stop, StopReason } from './stop.ts';

export interface Execution {
  readonly connection: Pick<Connection, 'openChannel' | 'lost'>;
  /** What the command announces its process id with. */
  readonly mark: string;
  readonly request: Command;
  readonly stop: Stop;
  /** Ends the command's processes on the host; a sentence when they may live on. Must not reject. */
  readonly endRemote: (pid: number | undefined) => Promise<string | undefined>;
}

export type Executed =
  | (Printed & CommandEnd)
  /** No channel: nothing ran. `reason` is RFC 4254's (section 5.1) when the host said no; undefined when it is gone. */
  | { readonly kind: 'not-opened'; readonly reason: number | undefined };

/** How long a channel may take to close by itself once its processes are gone. */
const CLOSE_WITHIN_MS = 300;
/** The same for a run that was too young to have said its process id. */
const SPEAK_WITHIN_MS = 3000;

/** Rejects only when a callback of the request throws. */
export function execute({ connection, mark, request, stop, endRemote }: Execution): Promise<Executed> {
  const command = remoteCommand(request.input, mark);
  return new Promise((resolve, reject) => {
    const output = gatherOutput(request);
    const announcement = watchAnnouncement(mark);
    let state: 'running' | 'ending' | 'ended' = 'running';
    let open: Channel | undefined;
    let settleClosed = () => {};
    const closed = new Promise<void>((settle) => {
      settleClosed = settle;
    });

    function finish(end: CommandEnd): void {
      if (state === 'ended') return;
      state = 'ended';
      try {
        output.stderr(announcement.end());
        resolve({ ...output.end(), ...end });
      } catch (thrown) {
        reject(thrown);
      }
    }

    /** The first reason counts; the processes are ended before the run is. */
    async function endEarly(reason: StopReason | 'too-much-output'): Promise<void> {
      if (state !== 'running') return;
      state = 'ending';
      const leftRunning = await end();
      await closes(CLOSE_WITHIN_MS);
      open?.close();
      finish({ kind: reason, ...(leftRunning !== undefined && { leftRunning }) });
    }

    /**
     * What has not said its process id yet may begin only while it is looked for, and is then not found by its mark: an
     * open channel belongs to something, which has said its process id, or will.
     */
    async function end(): Promise<string | undefined> {
      const known = announcement.pid();
      const left = await endRemote(known);
      if (known !== undefined || open === undefined) return left;
      if (await closes(announcement.pid() === undefined ? SPEAK_WITHIN_MS : 0)) return left;
      const pid = announcement.pid();
      if (pid !== undefined) return endRemote(pid);
      return left ?? 'processes of this run may live on: it did not say its process id';
    }

    /** Whether the channel has closed by itself in that time. */
    function closes(withinMs: number): Promise<boolean> {
      return Promise.race([closed.then(() => true), sleep(withinMs, false, { ref: false })]);
    }

    function take(stream: 'stdout' | 'stderr', bytes: Buffer): void {
      if (state === 'ended') return;
      try {
        if (!output[stream](bytes)) void endEarly('too-much-output');
      } catch (thrown) {
        state = 'ended';
        reject(thrown);
        void end().then(() => open?.close());
      }
    }

    function onClose(ended: ChannelEnd): void {
      settleClosed();
      if (state !== 'running') return;
      if (ended.kind !== 'unsaid') finish(ended);
      else finish({ kind: 'connection-lost', why: connection.lost() ?? 'the session ended without an exit status' });
    }

    function onRefused(reason: number | undefined): void {
      settleClosed();
      if (state !== 'running') return;
      state = 'ended';
      resolve({ kind: 'not-opened', reason });
    }

    function onOpen(channel: Channel): void {
      open = channel;
      // A run that ended while its channel was being opened is ended again, now that there is something to end.
      if (state === 'ended') {
        void end().then(channel.close);
        return;
      }
      if (command.stdin !== undefined) channel.write(Buffer.from(command.stdin));
      channel.end();
    }

    connection.openChannel(
      { exec: command.line },
      {
        onOpen,
        onRefused,
        onStdout: (bytes) => take('stdout', bytes),
        onStderr: (bytes) => take('stderr', announcement.push(bytes)),
        onClose,
      },
    );
    void stop.stopped.then(endEarly);
  });
}
