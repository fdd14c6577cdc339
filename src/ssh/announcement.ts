/** Takes the line `<mark> <process id>` out of stderr as it streams by; everything else goes through. */

export interface Announcement {
  /** What to pass on of these bytes, and of bytes held back before. */
  readonly push: (bytes: Buffer) => Buffer;
  /** What was held back when nothing more comes. */
  readonly end: () => Buffer;
  readonly pid: () => number | undefined;
}

const NOTHING: Buffer = Buffer.alloc(0);
/** A longer line without an end is somebody else's. */
const LONGEST_LINE = 65_536;

export function watchAnnouncement(mark: string): Announcement {
  let held: Buffer = NOTHING;
  let pid: number | undefined;
  let found = false;

  function release(count: number): Buffer {
    const passed = held.subarray(0, count);
    held = held.subarray(count);
    return passed;
  }

  return {
    push(bytes) {
      if (found) return bytes;
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const start = held.indexOf(`${mark} `);
      if (start < 0) {
        const lastLine = held.lastIndexOf(10) + 1;
        return release(held.length - lastLine > LONGEST_LINE ? held.length - mark.length : lastLine);
      }
      const end = held.indexOf(10, start);
      if (end < 0) return release(start);
      found = true;
      pid = parsePid(held.toString('latin1', start + mark.length + 1, end));
      return Buffer.concat([held.subarray(0, start), held.subarray(end + 1)]);
    },
    end: () => (found ? NOTHING : release(held.length)),
    pid: () => pid,
  };
}

/** 1 is nobody we started: `kill -- -1` would end everything the account has. */
function parsePid(text: string): number | undefined {
  const pid = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return pid > 1 ? pid : undefined;
}
