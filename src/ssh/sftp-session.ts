/** Requests and answers of one SFTP session, version 3: draft-ietf-secsh-filexfer-02. Whatever a host sends is bounded. */
import type { Channel, OpenChannel } from './channel.ts';
import { byte, createPackets, type Reader, readerOf, string, uint32 } from './wire.ts';

export const REQUEST = {
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  remove: 13,
  makeDirectory: 14,
  stat: 17,
} as const;

export type Answer =
  | { readonly kind: 'status'; readonly code: number }
  | { readonly kind: 'handle'; readonly handle: Buffer }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  /** What the host did not say of a file is undefined. */
  | { readonly kind: 'attributes'; readonly size: bigint | undefined; readonly mode: number | undefined };

export interface SftpSession {
  readonly kind: 'open';
  /** Undefined when the session is over, or ends before the answer. */
  readonly request: (type: number, ...fields: readonly Buffer[]) => Promise<Answer | undefined>;
  /** Ends every request that waits for its answer. */
  readonly end: () => void;
}

/** `reason` as ChannelUser has it; `not-sftp`: what was begun there speaks something else, or nothing. */
export type NoSession =
  | { readonly kind: 'refused'; readonly reason: number | undefined }
  | { readonly kind: 'not-sftp' };

const INIT = 1;
const VERSION = 2;
const OUR_VERSION = 3;
/** OpenSSH's own limit is 256 KB. */
const LONGEST_PACKET = 512 * 1024;

export function openSftpSession(openChannel: OpenChannel): Promise<SftpSession | NoSession> {
  return new Promise((resolve) => {
    const packets = createPackets(LONGEST_PACKET);
    const waiting = new Map<number, (answer: Answer | undefined) => void>();
    let channel: Channel | undefined;
    let state: 'beginning' | 'open' | 'over' = 'beginning';
    let lastId = 0;

    function over(): void {
      state = 'over';
      resolve({ kind: 'not-sftp' });
      for (const give of waiting.values()) give(undefined);
      waiting.clear();
      channel?.close();
    }

    function request(type: number, ...fields: readonly Buffer[]): Promise<Answer | undefined> {
      if (state === 'over') return Promise.resolve(undefined);
      lastId = (lastId + 1) >>> 0;
      const id = lastId;
      channel?.write(string(Buffer.concat([byte(type), uint32(id), ...fields])));
      return new Promise((give) => void waiting.set(id, give));
    }

    function take(packet: Buffer): void {
      const from = readerOf(packet);
      const type = from.byte();
      if (state === 'beginning') {
        if (type !== VERSION || from.uint32() !== OUR_VERSION) throw new RangeError('Not the version that we speak.');
        state = 'open';
        resolve({ kind: 'open', request, end: over });
        return;
      }
      const id = from.uint32();
      const give = waiting.get(id);
      const answer = parseAnswer(type, from);
      if (give === undefined || answer === undefined) throw new RangeError('Not an answer to what was asked.');
      waiting.delete(id);
      give(answer);
    }

    function onStdout(bytes: Buffer): void {
      if (state === 'over') return;
      try {
        packets.push(bytes).forEach(take);
      } catch {
        over();
      }
    }

    openChannel(
      { subsystem: 'sftp' },
      {
        onOpen(opened) {
          channel = opened;
          channel.write(string(Buffer.concat([byte(INIT), uint32(OUR_VERSION)])));
        },
        onRefused: (reason) => resolve({ kind: 'refused', reason }),
        onStdout,
        onStderr: () => {},
        onClose: over,
      },
    );
  });
}

function parseAnswer(type: number, from: Reader): Answer | undefined {
  switch (type) {
    case 101:
      return { kind: 'status', code: from.uint32() };
    case 102:
      return { kind: 'handle', handle: Buffer.from(from.string()) };
    case 103:
      return { kind: 'data', bytes: from.string() };
    case 105:
      return parseAttributes(from);
    default:
      return undefined;
  }
}

/** Section 5: which fields there are is said by the bits of the first. */
function parseAttributes(from: Reader): Answer {
  const flags = from.uint32();
  const size = flags & 1 ? from.uint64() : undefined;
  if (flags & 2) from.uint64();
  const mode = flags & 4 ? from.uint32() : undefined;
  return { kind: 'attributes', size, mode };
}
