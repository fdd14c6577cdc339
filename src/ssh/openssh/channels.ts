/**
 * Session channels over packets of RFC 4254 that an ssh master carries: it puts its own numbers in place of ours and
 * does the rest of SSH. Whatever the host sends is bounded: what breaks the protocol is thrown as a RangeError.
 */
import type { Channel, ChannelEnd, ChannelRequest, ChannelUser, OpenChannel } from '../channel.ts';
import { byte, type Reader, readerOf, string, uint32 } from '../wire.ts';

export interface Channels {
  readonly open: OpenChannel;
  /** A packet from the host. */
  readonly take: (packet: Buffer) => void;
  /** The connection is gone. */
  readonly end: () => void;
}

const MESSAGE = {
  open: 90,
  openConfirmation: 91,
  openFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const;

/** What the host may send before we say that we have taken it: as much as ssh2 lets it. */
const WINDOW = 2 << 20;
const MOST_IN_A_PACKET = 32 * 1024;
const MOST_ROOM = 0xff_ff_ff_ff;

interface State {
  phase: 'opening' | 'requested' | 'open' | 'over';
  readonly request: ChannelRequest;
  readonly user: ChannelUser;
  /** The host's number for it. */
  remote: number;
  /** What the host may still send. */
  window: number;
  /** What we may still send, and at most how much at once. */
  room: number;
  most: number;
  readonly unsent: Buffer[];
  isEnded: boolean;
  sentEof: boolean;
  sentClose: boolean;
  end: ChannelEnd;
}

export function createChannels(send: (packet: Buffer) => void): Channels {
  const channels = new Map<number, State>();
  let lastId = -1;

  function tell(type: number, ...fields: readonly Buffer[]): void {
    send(Buffer.concat([byte(0), byte(type), ...fields]));
  }

  function open(request: ChannelRequest, user: ChannelUser): void {
    lastId = (lastId + 1) >>> 0;
    channels.set(lastId, {
      ...{ phase: 'opening', request, user, remote: 0, window: WINDOW, room: 0, most: 0, unsent: [] },
      ...{ isEnded: false, sentEof: false, sentClose: false, end: { kind: 'unsaid' } },
    });
    tell(MESSAGE.open, string('session'), uint32(lastId), uint32(WINDOW), uint32(MOST_IN_A_PACKET));
  }

  function close(channel: State): void {
    if (channel.sentClose) return;
    channel.sentClose = true;
    channel.unsent.length = 0;
    tell(MESSAGE.close, uint32(channel.remote));
  }

  /** As much of what waits as the host has room for. */
  function flush(channel: State): void {
    for (let next = channel.unsent[0]; next !== undefined && channel.room > 0; next = channel.unsent[0]) {
      const part = next.subarray(0, Math.min(channel.room, channel.most));
      channel.room -= part.length;
      if (part.length === next.length) channel.unsent.shift();
      else channel.unsent[0] = next.subarray(part.length);
      tell(MESSAGE.data, uint32(channel.remote), string(part));
    }
    if (!channel.isEnded || channel.sentEof || channel.unsent.length > 0 || channel.sentClose) return;
    channel.sentEof = true;
    tell(MESSAGE.eof, uint32(channel.remote));
  }

  function asChannel(channel: State): Channel {
    return {
      write(bytes) {
        if (channel.sentClose || bytes.length === 0) return;
        channel.unsent.push(bytes);
        flush(channel);
      },
      end() {
        channel.isEnded = true;
        flush(channel);
      },
      close: () => close(channel),
    };
  }

  function onConfirmed(channel: State, from: Reader): void {
    channel.remote = from.uint32();
    channel.room = from.uint32();
    channel.most = from.uint32();
    if (channel.most === 0) throw new RangeError('The host takes packets of no size.');
    channel.phase = 'requested';
    const [type, what] =
      'exec' in channel.request ? ['exec', channel.request.exec] : ['subsystem', channel.request.subsystem];
    tell(MESSAGE.request, uint32(channel.remote), string(type), byte(1), string(what));
  }

  function onOpenFailure(channel: State, from: Reader, id: number): void {
    channels.delete(id);
    channel.phase = 'over';
    channel.user.onRefused(from.uint32());
  }

  function onWindowAdjust(channel: State, from: Reader): void {
    channel.room = Math.min(channel.room + from.uint32(), MOST_ROOM);
    flush(channel);
  }

  function onSuccess(channel: State): void {
    if (channel.phase !== 'requested') return;
    channel.phase = 'open';
    channel.user.onOpen(asChannel(channel));
  }

  function onFailure(channel: State): void {
    if (channel.phase !== 'requested') return;
    channel.phase = 'over';
    channel.user.onRefused(undefined);
    close(channel);
  }

  /** Whatever its kind, it is stderr: RFC 4254 defines no other. */
  function onExtendedData(channel: State, from: Reader): void {
    from.uint32();
    onData(channel, from.string(), channel.user.onStderr);
  }

  function onData(channel: State, bytes: Buffer, give: (bytes: Buffer) => void): void {
    if (bytes.length > channel.window) throw new RangeError('The host sent more than it may.');
    channel.window -= bytes.length;
    if (channel.phase !== 'open') return;
    give(bytes);
    if (channel.window > WINDOW / 2 || channel.sentClose) return;
    tell(MESSAGE.windowAdjust, uint32(channel.remote), uint32(WINDOW - channel.window));
    channel.window = WINDOW;
  }

  function onRequest(channel: State, from: Reader): void {
    const type = from.string().toString('latin1');
    const wantsReply = from.byte() !== 0;
    if (type === 'exit-status') channel.end = { kind: 'exited', code: from.uint32() };
    if (type === 'exit-signal')
      channel.end = { kind: 'signalled', signal: `SIG${from.string().toString('latin1').slice(0, 20)}` };
    // Such as the sign of life that sshd's ClientAliveInterval asks for: any answer is one.
    if (wantsReply && !channel.sentClose) tell(MESSAGE.failure, uint32(channel.remote));
  }

  function onClose(channel: State, _: Reader, id: number): void {
    channels.delete(id);
    close(channel);
    finish(channel);
  }

  function finish(channel: State): void {
    const { phase, user } = channel;
    channel.phase = 'over';
    if (phase === 'open') user.onClose(channel.end);
    else if (phase !== 'over') user.onRefused(undefined);
  }

  function take(packet: Buffer): void {
    const from = readerOf(packet);
    from.byte();
    const type = from.byte();
    const id = from.uint32();
    const channel = channels.get(id);
    if (channel === undefined) throw new RangeError('The host speaks of a channel that is not there.');
    const isAnswer = type === MESSAGE.openConfirmation || type === MESSAGE.openFailure;
    if (isAnswer !== (channel.phase === 'opening')) throw new RangeError('The host speaks out of turn.');
    handlers.get(type)?.(channel, from, id);
  }

  const handlers = new Map<number, (channel: State, from: Reader, id: number) => void>([
    [MESSAGE.openConfirmation, onConfirmed],
    [MESSAGE.openFailure, onOpenFailure],
    [MESSAGE.windowAdjust, onWindowAdjust],
    [MESSAGE.data, (channel, from) => onData(channel, from.string(), channel.user.onStdout)],
    [MESSAGE.extendedData, onExtendedData],
    [MESSAGE.close, onClose],
    [MESSAGE.request, onRequest],
    [MESSAGE.success, onSuccess],
    [MESSAGE.failure, onFailure],
  ]);

  function end(): void {
    const all = [...channels.values()];
    channels.clear();
    all.forEach(finish);
  }

  return { open, take, end };
}
