/** Moves bytes from an open file to another: several pieces are under way at once, and they are written in their order. */
import type { OpenFile } from './sftp.ts';

export interface Span {
  readonly at: number;
  readonly size: number;
}

export interface Pace {
  /** No further piece is begun, except for the first. */
  readonly isOver: () => boolean;
  readonly onProgress: (bytes: number) => void;
}

/** What every server takes in one packet. */
const PIECE = 32 * 1024;
/** 2 MB under way: 20 MB a second where an answer takes a tenth of one. */
const MOST_UNDER_WAY = 64;

/** How far it came: all before that is written. Rejects where reading or writing fails, and then nothing later is written. */
export async function pump(source: OpenFile, target: OpenFile, { at, size }: Span, pace: Pace): Promise<number> {
  const underWay: Promise<number>[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let next = at;
  let written = at;

  function launch(): Promise<number> {
    const [from, length] = [next, Math.min(PIECE, size - next)];
    next += length;
    const bytes = expected(source.read(from, length));
    const begun = turn.then(async () => {
      const piece = await bytes;
      if (piece.length < length) throw source.changed();
      return { done: target.write(from, piece) };
    });
    turn = begun;
    return begun.then(({ done }) => done).then(() => from + length);
  }

  while (written < size) {
    while (underWay.length < MOST_UNDER_WAY && next < size && (next === at || !pace.isOver())) {
      underWay.push(expected(launch()));
    }
    const first = underWay.shift();
    if (first === undefined) break;
    written = await first;
    pace.onProgress(written);
  }
  return written;
}

/** The first failure is what is told: the others, of what was under way with it, are expected. */
function expected<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}
