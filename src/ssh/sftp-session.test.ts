import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelUser } from './channel.ts';
import { openSftpSession, REQUEST, type SftpSession } from './sftp-session.ts';
import { byte, string, uint32, uint64 } from './wire.ts';

const packet = (...fields: readonly Buffer[]) => string(Buffer.concat(fields));
const VERSION_3 = packet(byte(2), uint32(3));

/** A session, and what the host may do with it. */
function begin() {
  let user: ChannelUser | undefined;
  let closed = 0;
  const session = openSftpSession((_, asked) => {
    user = asked;
    asked.onOpen({ write: () => {}, end: () => {}, close: () => void closed++ });
  });
  const says = (bytes: Buffer) => user?.onStdout(bytes);
  return { session, says, closes: () => user?.onClose({ kind: 'unsaid' }), closed: () => closed };
}

async function opened(host: ReturnType<typeof begin>): Promise<SftpSession> {
  host.says(VERSION_3);
  const session = await host.session;
  if (session.kind !== 'open') throw new Error(session.kind);
  return session;
}

describe('an SFTP session', () => {
  it('gives each request its answer, in whatever order they come', async () => {
    const host = begin();
    const { request } = await opened(host);
    const [first, second] = [request(REQUEST.stat, string('a')), request(REQUEST.read, string('h'))];
    host.says(packet(byte(103), uint32(2), string('bytes')));
    host.says(packet(byte(105), uint32(1), uint32(1 | 2 | 4), uint64(2 ** 33), uint64(0), uint32(0o100644)));
    expect(await first).toEqual({ kind: 'attributes', size: 2n ** 33n, mode: 0o100644 });
    expect(await second).toEqual({ kind: 'data', bytes: Buffer.from('bytes') });
  });

  it.each<[string, Buffer]>([
    ['a greeting', Buffer.from('Welcome to this host\n')],
    ['another version', packet(byte(2), uint32(6))],
    ['a packet without a type', packet()],
  ])('is none where the host begins with %s', async (_, bytes) => {
    const host = begin();
    host.says(bytes);
    expect(await host.session).toEqual({ kind: 'not-sftp' });
    expect(host.closed()).toBe(1);
  });

  it.each<[string, Buffer]>([
    ['answers what was not asked', packet(byte(101), uint32(99), uint32(0))],
    ['answers in another way', packet(byte(104), uint32(1), uint32(0))],
    ['cuts an answer short', packet(byte(103), uint32(1), uint32(50))],
    ['sends a packet that is too long', uint32(1 << 30)],
  ])('ends, with every request, where the host %s', async (_, bytes) => {
    const host = begin();
    const { request } = await opened(host);
    const waiting = request(REQUEST.stat, string('a'));
    host.says(bytes);
    expect(await waiting).toBeUndefined();
    expect(await request(REQUEST.stat, string('a'))).toBeUndefined();
  });

  it('ends with its channel', async () => {
    const host = begin();
    const { request } = await opened(host);
    const waiting = request(REQUEST.stat, string('a'));
    host.closes();
    expect(await waiting).toBeUndefined();
  });

  it('throws nothing, whatever the host sends', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 10 }), (chunks) => {
        const host = begin();
        host.says(VERSION_3);
        for (const chunk of chunks) host.says(Buffer.from(chunk));
      }),
    );
  });
});
