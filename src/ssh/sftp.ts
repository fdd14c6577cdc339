/** Files of one host over one SFTP session. What goes wrong is a FileError, also where the host's answers make no sense. */
import type { FileFailureCode } from '#domain/change-failure.ts';
import type { Connection } from './connection.ts';
import { type FileError, gone, isRefusal, refusal } from './file-error.ts';
import { type Answer, openSftpSession, REQUEST, type SftpSession } from './sftp-session.ts';
import type { Stop } from './stop.ts';
import { string, uint32, uint64 } from './wire.ts';

/** What there is under a name: a link is `other`, wherever it leads. */
export type Entry = { readonly kind: 'absent' | 'other' } | { readonly kind: 'file'; readonly size: number };

export interface OpenFile {
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Fewer than asked for only at the end of the file. */
  readonly read: (at: number, length: number) => Promise<Buffer>;
  readonly write: (at: number, bytes: Buffer) => Promise<void>;
  readonly close: () => Promise<void>;
  /** For what is shorter than it was when it was opened. */
  readonly changed: () => FileError;
}

export interface Sftp {
  readonly look: (path: string) => Promise<Entry>;
  /** A regular file, or a link to one: a pipe would never open. */
  readonly openToRead: (path: string) => Promise<OpenFile>;
  /** A file that is there. */
  readonly openToWrite: (path: string) => Promise<OpenFile>;
  /** One that is not there, in a directory that is; for the account alone. */
  readonly create: (path: string) => Promise<OpenFile>;
  readonly remove: (path: string) => Promise<void>;
  /** Makes the directory where it is missing, and those above it, for the account alone. */
  readonly makeDirectory: (path: string) => Promise<void>;
  readonly end: () => void;
}

/** `full`: the host has no place for another session now. `lost`: the connection has died, or the stop came first. */
export type Opening = { readonly kind: 'open'; readonly sftp: Sftp } | { readonly kind: 'none' | 'full' | 'lost' };

export async function openSftp(connection: Connection, host: string, stop: Stop): Promise<Opening> {
  const asked = openSftpSession(connection.openChannel);
  const answer = await Promise.race([asked, stop.stopped]);
  if (typeof answer === 'string' || connection.lost() !== undefined) {
    void asked.then((late) => late.kind === 'open' && late.end());
    return { kind: 'lost' };
  }
  if (answer.kind === 'open') return { kind: 'open', sftp: overSession(answer, host) };
  if (answer.kind === 'refused' && answer.reason !== undefined) return { kind: 'full' };
  return { kind: 'none' };
}

/** What a request is for, where the host says no more than that it failed. */
type Doing = 'file-read' | 'file-write';
type Call = (path: string, doing: Doing, type: number, ...fields: readonly Buffer[]) => Promise<Answer>;

/** Status codes, section 7. */
const OK = 0;
const END_OF_FILE = 1;
const TROUBLES: ReadonlyMap<number, FileFailureCode> = new Map([
  [2, 'file-absent'],
  [3, 'file-rights'],
]);

/** Gives every answer but a status that tells of trouble: that is thrown. */
function callerOf({ request }: SftpSession, host: string): Call {
  return async (path, doing, type, ...fields) => {
    const answer = await request(type, ...fields);
    if (answer === undefined) throw gone(host);
    if (answer.kind !== 'status' || answer.code === OK || answer.code === END_OF_FILE) return answer;
    const known = TROUBLES.get(answer.code);
    // What is to be written is not there: the directory is missing, or is none.
    const trouble = known === undefined || (doing === 'file-write' && known === 'file-absent') ? doing : known;
    throw refusal(trouble, host, path);
  };
}

/** How to open, section 6.3. */
const READ = 0x01;
const WRITE = 0x02;
const CREATE = 0x08;
const EXCLUSIVE = 0x20;
/** Attributes that say the permissions and nothing else, section 5. */
const permissions = (mode: number) => Buffer.concat([uint32(4), uint32(mode)]);
const NONE = uint32(0);

function overSession(session: SftpSession, host: string): Sftp {
  const call = callerOf(session, host);

  async function openAs(path: string, doing: Doing, flags: number, attributes: Buffer): Promise<OpenFile> {
    const opened = await call(path, doing, REQUEST.open, string(path), uint32(flags), attributes);
    if (opened.kind !== 'handle') throw refusal(doing, host, path);
    const handle = string(opened.handle);
    const size = sizeOf(await call(path, doing, REQUEST.fstat, handle));
    if (size === undefined) throw refusal(doing, host, path);
    const changed = () => refusal('file-read', host, path);
    return { size, changed, ...overHandle(handle, path, host, call) };
  }

  async function look(path: string): Promise<Entry> {
    const said = await unlessAbsent(call(path, 'file-read', REQUEST.lstat, string(path)));
    if (said === ABSENT) return { kind: 'absent' };
    const size = sizeOf(said);
    return size === undefined ? { kind: 'other' } : { kind: 'file', size };
  }

  async function openToRead(path: string): Promise<OpenFile> {
    const said = await call(path, 'file-read', REQUEST.stat, string(path));
    if (sizeOf(said) === undefined) throw refusal('file-kind', host, path);
    return openAs(path, 'file-read', READ, NONE);
  }

  async function makeDirectory(path: string): Promise<void> {
    const said = await unlessAbsent(call(path, 'file-read', REQUEST.stat, string(path)));
    if (said !== ABSENT) return;
    const above = path.lastIndexOf('/');
    if (above > 0) await makeDirectory(path.slice(0, above));
    await call(path, 'file-write', REQUEST.makeDirectory, string(path), permissions(0o700));
  }

  return {
    look,
    openToRead,
    openToWrite: (path) => openAs(path, 'file-write', READ | WRITE, NONE),
    create: (path) => openAs(path, 'file-write', WRITE | CREATE | EXCLUSIVE, permissions(0o600)),
    async remove(path) {
      await call(path, 'file-write', REQUEST.remove, string(path));
    },
    makeDirectory,
    end: session.end,
  };
}

function overHandle(
  handle: Buffer,
  path: string,
  host: string,
  call: Call,
): Pick<OpenFile, 'read' | 'write' | 'close'> {
  async function read(at: number, length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let have = 0;
    while (have < length) {
      const left = length - have;
      const more = await call(path, 'file-read', REQUEST.read, handle, uint64(at + have), uint32(left));
      if (more.kind === 'status') break;
      if (more.kind !== 'data' || more.bytes.length > left) throw refusal('file-read', host, path);
      if (more.bytes.length === 0) break;
      pieces.push(more.bytes);
      have += more.bytes.length;
    }
    return Buffer.concat(pieces, have);
  }

  async function write(at: number, bytes: Buffer): Promise<void> {
    const answer = await call(path, 'file-write', REQUEST.write, handle, uint64(at), string(bytes));
    if (answer.kind !== 'status' || answer.code !== OK) throw refusal('file-write', host, path);
  }

  async function close(): Promise<void> {
    await call(path, 'file-write', REQUEST.close, handle);
  }

  return { read, write, close };
}

const ABSENT = Symbol('absent');

function unlessAbsent(said: Promise<Answer>): Promise<Answer | typeof ABSENT> {
  return said.catch((error: unknown) => {
    if (isRefusal(error, 'file-absent')) return ABSENT;
    throw error;
  });
}

/** Of a regular file; undefined for everything else, and where the host sent no attributes that make sense. */
function sizeOf(said: Answer): number | undefined {
  if (said.kind !== 'attributes' || said.size === undefined || said.mode === undefined) return undefined;
  const isFile = (said.mode & S_IFMT) === S_IFREG && said.size <= Number.MAX_SAFE_INTEGER;
  return isFile ? Number(said.size) : undefined;
}

/** stat(2). */
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
