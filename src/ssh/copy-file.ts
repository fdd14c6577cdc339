/**
 * One file from a host to another, through us. What has arrived is PATH.part on the target, whose size says where to go
 * on; when it is whole, the target hashes it and gives it its name, or deletes it.
 */
import type { Copied, CopyWanted, RunOnHost } from '#app/ports.ts';
import { away, isRefusal, refusal } from './file-error.ts';
import { directoryOf, requirePath } from './file-path.ts';
import type { OverConnection } from './over-connection.ts';
import { pump } from './pump.ts';
import type { OpenFile, Sftp } from './sftp.ts';
import type { Stop } from './stop.ts';
import { withBoth, withSftp } from './with-sftp.ts';

interface Tools {
  readonly over: OverConnection;
  readonly run: RunOnHost;
}

interface Moved {
  readonly bytes: number;
  readonly of: number;
}

/** Rejects with a FileError. */
export async function copyFile(wanted: CopyWanted, stop: Stop, tools: Tools): Promise<Copied> {
  const { from, to, file } = wanted;
  requirePath(file.from, from.host.name);
  requirePath(file.to, to.host.name);
  const { kind } = await withSftp(tools.over, to, stop, (sftp) => sftp.look(file.to));
  if (kind === 'other') throw refusal('file-kind', to.host.name, file.to);
  if (kind === 'file' && (await isVerified(wanted, file.to, tools.run))) return { kind: 'copied' };
  const moved = await withBoth(tools.over, from, to, stop, (source, target) => move(wanted, source, target));
  if (moved.bytes < moved.of) return { kind: 'under-way', ...moved };
  if (await isVerified(wanted, partOf(file.to), tools.run)) return { kind: 'copied' };
  throw refusal('file-hash', to.host.name, file.to);
}

function partOf(path: string): string {
  return `${path}.part`;
}

async function move(wanted: CopyWanted, source: Sftp, target: Sftp): Promise<Moved> {
  const { from, to, file, budgetMs, onProgress = () => {} } = wanted;
  const whole = await source.openToRead(file.from);
  const { size } = whole;
  if (size > file.mostBytes) throw refusal('file-size', from.host.name, file.from);
  const part = await openPart(target, to.host.name, file.to, size);
  const began = performance.now();
  const pace = {
    isOver: () => performance.now() - began > budgetMs,
    onProgress: (bytes: number) => onProgress(bytes, size),
  };
  try {
    const bytes = await pump(whole, part, { at: part.size, size }, pace);
    await part.close();
    return { bytes, of: size };
  } catch (error) {
    // A full disk is not kept full, and what could not be written may be missing in the middle.
    if (isRefusal(error, 'file-write')) await target.remove(partOf(file.to)).catch(() => {});
    throw error;
  }
}

/** Its size is where to go on. What is larger than the file belongs to another one. */
async function openPart(target: Sftp, host: string, path: string, size: number): Promise<OpenFile> {
  const part = partOf(path);
  const entry = await target.look(part);
  if (entry.kind === 'other') throw refusal('file-kind', host, part);
  if (entry.kind === 'file' && entry.size <= size) return target.openToWrite(part);
  if (entry.kind === 'file') await target.remove(part);
  else await makeRoom(target, path);
  return target.create(part);
}

async function makeRoom(target: Sftp, path: string): Promise<void> {
  const directory = directoryOf(path);
  if (directory !== '') await target.makeDirectory(directory);
}

/** Relative to the home, as SFTP has it. A file is fed to sha256sum, which would say some names in a way of its own. */
const SETTLE = `cd && sum=$(sha256sum <"$1") || exit 4
if [ "\${sum%% *}" != "$3" ]; then rm -f -- "$1"; exit 3; fi
[ "$1" = "$2" ] || mv -f -- "$1" "$2" || exit 5`;
const OTHER_HASH = 3;
/** A large file on a slow disk. */
const HASH_WITHIN_MS = 300_000;

/** A file with another hash is deleted. */
async function isVerified({ to, file, signal }: CopyWanted, path: string, run: RunOnHost): Promise<boolean> {
  const { host, hostKey } = to;
  const result = await run(host, {
    input: { kind: 'argv', argv: ['sh', '-c', SETTLE, 'sh', path, file.to, file.sha256] },
    deadlineMs: HASH_WITHIN_MS,
    maxBytes: 4096,
    hostKey,
    ...(signal !== undefined && { signal }),
  });
  const isEnd = result.kind === 'exited' || result.kind === 'signalled' || result.kind === 'too-much-output';
  if (!isEnd) throw away(host.name, result);
  if (result.kind === 'exited' && (result.code === 0 || result.code === OTHER_HASH)) return result.code === 0;
  throw refusal('file-write', host.name, path);
}
