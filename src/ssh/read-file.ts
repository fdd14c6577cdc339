/** The whole of a file, if it is not too large. */
import type { FileRead, ReadFile } from '#app/ports.ts';
import { refusal } from './file-error.ts';
import { requirePath } from './file-path.ts';
import type { OverConnection } from './over-connection.ts';
import type { OpenFile } from './sftp.ts';
import type { Stop } from './stop.ts';
import { withSftp } from './with-sftp.ts';

const PIECE = 256 * 1024;

export function readFile(wanted: Parameters<ReadFile>[0], stop: Stop, over: OverConnection): Promise<FileRead> {
  const { host, path, mostBytes } = wanted;
  requirePath(path, host.name);
  return withSftp(over, wanted, stop, async (sftp) => {
    const file = await sftp.openToRead(path);
    const bytes = file.size > mostBytes ? undefined : await upTo(mostBytes, file);
    if (bytes === undefined) throw refusal('file-size', host.name, path);
    return { kind: 'read', bytes };
  });
}

/** A log may grow meanwhile: undefined when it has more than so many bytes. */
async function upTo(most: number, file: OpenFile): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let have = 0;
  while (have <= most) {
    const piece = await file.read(have, Math.min(PIECE, most - have + 1));
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(piece);
    have += piece.length;
  }
  return undefined;
}
