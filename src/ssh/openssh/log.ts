/** What ssh says, through a pipe with a name in the file system: no more of it is kept than fits. */
import { randomBytes } from 'node:crypto';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

export interface Log {
  /** Its beginning and its end. */
  readonly text: () => string;
  /** Whether there is something in between. */
  readonly isCut: () => boolean;
  /** Resolves when everything that was said before is in it. */
  readonly settled: () => Promise<void>;
  /** Begins anew. */
  readonly forget: () => void;
  readonly close: () => void;
}

/** A hundred times what ssh says of a login. */
const MOST_BYTES = 256 * 1024;

/** `path` is a named pipe. We hold both its ends: a writer finds a reader, and the reader no end. */
export function openLog(path: string): Log {
  const pipe = new Socket({
    fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK),
    readable: true,
    writable: true,
  });
  const marks = new Map<string, () => void>();
  let head = '';
  let tail = '';
  let isCut = false;

  pipe.setEncoding('latin1');
  pipe.on('error', () => {});
  pipe.on('close', () => {
    for (const settle of marks.values()) settle();
  });
  pipe.on('data', (said: string) => {
    if (head.length < MOST_BYTES) head += said;
    else tail += said;
    if (tail.length > 2 * MOST_BYTES) {
      isCut = true;
      tail = tail.slice(-MOST_BYTES);
    }
    for (const [mark, settle] of marks) {
      if (!head.includes(mark) && !tail.includes(mark)) continue;
      marks.delete(mark);
      head = head.replace(mark, '');
      tail = tail.replace(mark, '');
      settle();
    }
  });

  return {
    text: () => head + tail,
    isCut: () => isCut,
    settled() {
      // What is written to a pipe comes out in its order.
      const mark = `${randomBytes(16).toString('hex')}\n`;
      return new Promise((settle) => {
        if (pipe.destroyed) return settle();
        marks.set(mark, settle);
        pipe.write(mark);
      });
    },
    forget() {
      [head, tail, isCut] = ['', '', false];
    },
    close: () => void pipe.destroy(),
  };
}
