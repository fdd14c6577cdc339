import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Channel, ChannelEnd } from '../channel.ts';
import { byte, readerOf, string, uint32 } from '../wire.ts';
import { createChannels } from './channels.ts';

const REMOTE = 7;
const ROOM = 100;

/** One channel, and the host at its other end. */
function begin(room = ROOM, most = 30) {
  const sent: { readonly type: number; readonly rest: Buffer }[] = [];
  const heard: { out: string; refused: (number | undefined)[]; ends: ChannelEnd[]; channel: Channel | undefined } = {
    ...{ out: '', refused: [], ends: [], channel: undefined },
  };
  const channels = createChannels((packet) => sent.push({ type: packet.readUInt8(1), rest: packet.subarray(2) }));
  const says = (type: number, ...fields: readonly Buffer[]) =>
    channels.take(Buffer.concat([byte(0), byte(type), uint32(0), ...fields]));
  channels.open(
    { exec: 'uptime' },
    {
      onOpen: (channel) => {
        heard.channel = channel;
      },
      onRefused: (reason) => heard.refused.push(reason),
      onStdout: (bytes) => {
        heard.out += bytes;
      },
      onStderr: () => {},
      onClose: (end) => heard.ends.push(end),
    },
  );
  const confirm = () => says(91, uint32(REMOTE), uint32(room), uint32(most));
  const open = () => {
    confirm();
    says(99);
  };
  return { channels, sent, heard, says, confirm, open };
}

const typesOf = (sent: readonly { readonly type: number }[]) => sent.map(({ type }) => type);

describe('a channel', () => {
  it('is opened, asked to run the line, and closed with its exit status', () => {
    const { heard, sent, says, open } = begin();
    open();
    const asked = readerOf(sent[1]?.rest ?? Buffer.alloc(0));
    expect([asked.uint32(), String(asked.string()), asked.byte(), String(asked.string())]).toEqual([
      ...[REMOTE, 'exec', 1, 'uptime'],
    ]);
    says(94, string('up 3 days'));
    says(98, string('exit-status'), byte(0), uint32(3));
    says(96);
    says(97);
    expect(heard).toMatchObject({ out: 'up 3 days', ends: [{ kind: 'exited', code: 3 }], refused: [] });
    expect(typesOf(sent)).toEqual([90, 98, 97]);
  });

  it('tells the signal, and nothing where the host says nothing', () => {
    const ended = begin();
    ended.open();
    ended.says(98, string('exit-signal'), byte(0), string('KILL'), byte(0), string(''), string(''));
    ended.says(97);
    expect(ended.heard.ends).toEqual([{ kind: 'signalled', signal: 'SIGKILL' }]);
    const lost = begin();
    lost.open();
    lost.channels.end();
    expect(lost.heard.ends).toEqual([{ kind: 'unsaid' }]);
  });

  it('is refused with the reason of RFC 4254, by the request, or by the end of the connection', () => {
    const full = begin();
    full.says(92, uint32(4), string('too many'), string(''));
    const unknown = begin();
    unknown.confirm();
    unknown.says(100);
    const gone = begin();
    gone.channels.end();
    expect([full, unknown, gone].map(({ heard }) => heard.refused)).toEqual([[4], [undefined], [undefined]]);
    expect(typesOf(unknown.sent)).toEqual([90, 98, 97]);
  });

  it('sends no more than the host has room for, in pieces that it takes, and the end after all of it', () => {
    const { heard, sent, says, open } = begin();
    open();
    heard.channel?.write(Buffer.alloc(150, 'x'));
    heard.channel?.end();
    const sizes = () => sent.filter(({ type }) => type === 94).map(({ rest }) => rest.readUInt32BE(4));
    expect(sizes()).toEqual([30, 30, 30, 10]);
    expect(typesOf(sent)).not.toContain(96);
    says(93, uint32(1000));
    expect(sizes()).toEqual([30, 30, 30, 10, 30, 20]);
    expect(typesOf(sent).at(-1)).toBe(96);
  });

  it('makes room again for what it has taken', () => {
    const { sent, says, open } = begin();
    open();
    for (let round = 0; round < 200; round++) says(94, string(Buffer.alloc(32 * 1024)));
    const room = sent.filter(({ type }) => type === 93).reduce((sum, { rest }) => sum + rest.readUInt32BE(4), 2 << 20);
    expect(room).toBeGreaterThanOrEqual(200 * 32 * 1024);
  });

  it('answers a sign of life', () => {
    const { sent, says, open } = begin();
    open();
    says(98, string('keepalive@openssh.com'), byte(1));
    expect(typesOf(sent).at(-1)).toBe(100);
  });
});

describe('a host that breaks the protocol', () => {
  it.each<[string, (host: ReturnType<typeof begin>) => void]>([
    ['speaks of a channel that is not there', ({ channels }) => channels.take(Buffer.of(0, 97, 0, 0, 0, 9))],
    ['confirms twice', ({ confirm }) => [confirm(), confirm()]],
    ['sends before it has confirmed', ({ says }) => says(94, string('x'))],
    ['takes packets of no size', ({ says }) => says(91, uint32(1), uint32(1), uint32(0))],
    ['cuts a packet short', ({ open, says }) => [open(), says(94, uint32(9))]],
    ['sends more than there is room for', ({ open, says }) => [open(), says(94, string(Buffer.alloc((2 << 20) + 1)))]],
  ])('is found out where it %s', (_, act) => expect(() => act(begin())).toThrow(RangeError));

  it('gets nothing but a RangeError out of us, whatever it sends', () => {
    const packet = fc.tuple(fc.integer({ min: 88, max: 102 }), fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), (packets) => {
        const { says, open, heard } = begin();
        open();
        try {
          for (const [type, rest] of packets) says(type, Buffer.from(rest));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(heard.ends.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
