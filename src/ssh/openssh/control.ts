/** The control socket of an ssh master, OpenSSH's PROTOCOL.mux: asked for proxy mode, then it carries RFC 4254's packets. */
import { connect, type Socket } from 'node:net';
import { createPackets, readerOf, string, uint32 } from '../wire.ts';

const HELLO = 0x00000001;
const VERSION = 4;
const ALIVE_CHECK = 0x10000004;
const TERMINATE = 0x10000005;
const PROXY = 0x1000000f;
const ALIVE = 0x80000005;
const IN_PROXY_MODE = 0x8000000f;
/** OpenSSH takes and sends no more at once. */
const LONGEST_PACKET = 256 * 1024;

export interface Proxied {
  /** Of the master. */
  readonly pid: number;
  readonly send: (packet: Buffer) => void;
  /** Takes every packet from now on; a RangeError that it throws ends the connection to the master. */
  readonly listen: (take: (packet: Buffer) => void) => void;
  readonly closed: Promise<void>;
  readonly destroy: () => void;
}

/** Undefined where no master answers in time, or one that speaks another version. */
export function enterProxyMode(path: string, withinMs: number): Promise<Proxied | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const packets = createPackets(LONGEST_PACKET);
    const closed = new Promise<void>((settle) => void socket.once('close', () => settle()));
    const timer = setTimeout(() => socket.destroy(), withinMs);
    let pid = 0;
    let take = (packet: Buffer): void => {
      const from = readerOf(packet);
      const type = from.uint32();
      const value = from.uint32();
      if (type === HELLO && value !== VERSION) throw new RangeError('A master of another version.');
      if (type === ALIVE) pid = from.uint32();
      if (type !== IN_PROXY_MODE) return;
      clearTimeout(timer);
      const send = (packet: Buffer) => void socket.write(string(packet));
      const listen = (by: (packet: Buffer) => void) => {
        take = by;
      };
      resolve({ pid, send, listen, closed, destroy: () => socket.destroy() });
    };
    socket.on('data', (bytes) => {
      try {
        for (const packet of packets.push(bytes)) take(packet);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    void closed.then(() => {
      clearTimeout(timer);
      resolve(undefined);
    });
    say(socket, HELLO, VERSION);
    say(socket, ALIVE_CHECK, 0);
    say(socket, PROXY, 1);
  });
}

/** Asks the master to end; whether it does, its connections tell. */
export function terminate(path: string): void {
  const socket = connect(path);
  socket.on('error', () => {});
  socket.resume();
  say(socket, HELLO, VERSION);
  say(socket, TERMINATE, 0);
}

function say(socket: Socket, type: number, value: number): void {
  socket.write(string(Buffer.concat([uint32(type), uint32(value)])));
}
