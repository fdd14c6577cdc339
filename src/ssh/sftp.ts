/** Files of one host over one SFTP session. What goes wrong is a FileError, also where the host's answers make no sense. */
import type { InputAttributes, SFTPWrapper } from 'ssh2';
import type { Connection } from './connection.ts';
import { type FileError, isRefusal, refusal } from './file-error.ts';
import { type Call, callerOf, type Doing } from './sftp-call.ts';
import type { Stop } from './stop.ts';

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

const FOR_US_ALONE = { mode: 0o600 };
const DIRECTORY_FOR_US_ALONE = { mode: 0o700 } as InputAttributes;

/** `full`: the host has no place for another session now. `lost`: the connection has died, or the stop came first. */
export type Opening = { readonly kind: 'open'; readonly sftp: Sftp } | { readonly kind: 'none' | 'full' | 'lost' };

export async function openSftp({ ssh, lost }: Connection, host: string, stop: Stop): Promise<Opening> {
  const asked = ssh.requestSFTP().then((session) => ({ kind: 'opened', session }) as const, refused);
  const answer = await Promise.race([asked, stop.stopped]);
  if (typeof answer === 'string' || lost() !== undefined) {
    void asked.then((late) => late.kind === 'opened' && late.session.end());
    return { kind: 'lost' };
  }
  if (answer.kind !== 'opened') return answer;
  return { kind: 'open', sftp: overSession(answer.session, host) };
}

/** What ssh2 and node-ssh say, without a level, of a connection that is over. */
const OVER = /^(?:Not connected|No response from server)/;

/** `reason` when no channel was opened; `level` when it is not the session that failed, but the connection. */
function refused({ message, reason, level }: Error & { readonly reason?: unknown; readonly level?: unknown }) {
  if (typeof reason === 'number') return { kind: 'full' } as const;
  const isLost = (level !== undefined && level !== 'sftp-protocol') || OVER.test(message);
  return { kind: isLost ? 'lost' : 'none' } as const;
}

function overSession(session: SFTPWrapper, host: string): Sftp {
  const { call, end } = callerOf(session, host);

  async function openAs(path: string, doing: Doing, flags: 'r' | 'r+' | 'wx'): Promise<OpenFile> {
    const handle = await call(path, doing, (done) => session.open(path, flags, FOR_US_ALONE, done));
    if (!Buffer.isBuffer(handle)) throw refusal(doing, host, path);
    const size = sizeOf(await call(path, doing, (done) => session.fstat(handle, done)));
    if (size === undefined) throw refusal(doing, host, path);
    const changed = () => refusal('file-read', host, path);
    return { size, changed, ...overHandle(session, handle, path, call) };
  }

  async function look(path: string): Promise<Entry> {
    const said = await unlessAbsent(call(path, 'file-read', (done) => session.lstat(path, done)));
    if (said === ABSENT) return { kind: 'absent' };
    const size = sizeOf(said);
    return size === undefined ? { kind: 'other' } : { kind: 'file', size };
  }

  async function openToRead(path: string): Promise<OpenFile> {
    const said = await call(path, 'file-read', (done) => session.stat(path, done));
    if (sizeOf(said) === undefined) throw refusal('file-kind', host, path);
    return openAs(path, 'file-read', 'r');
  }

  async function makeDirectory(path: string): Promise<void> {
    const said = await unlessAbsent(call(path, 'file-read', (done) => session.stat(path, done)));
    if (said !== ABSENT) return;
    const above = path.lastIndexOf('/');
    if (above > 0) await makeDirectory(path.slice(0, above));
    await call(path, 'file-write', (done) => session.mkdir(path, DIRECTORY_FOR_US_ALONE, done));
  }

  return {
    look,
    openToRead,
    openToWrite: (path) => openAs(path, 'file-write', 'r+'),
    create: (path) => openAs(path, 'file-write', 'wx'),
    async remove(path) {
      await call(path, 'file-write', (done) => session.unlink(path, done));
    },
    makeDirectory,
    end,
  };
}

function overHandle(
  session: SFTPWrapper,
  handle: Buffer,
  path: string,
  call: Call,
): Omit<OpenFile, 'size' | 'changed'> {
  async function read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let have = 0;
    while (have < length) {
      const left = length - have;
      const more = await call(path, 'file-read', (done) => session.read(handle, bytes, have, left, at + have, done));
      if (typeof more !== 'number' || more === 0) break;
      have += more;
    }
    return bytes.subarray(0, have);
  }

  async function write(at: number, bytes: Buffer): Promise<void> {
    await call(path, 'file-write', (done) => session.write(handle, bytes, 0, bytes.length, at, done));
  }

  async function close(): Promise<void> {
    await call(path, 'file-write', (done) => session.close(handle, done));
  }

  return { read, write, close };
}

const ABSENT = Symbol('absent');

function unlessAbsent(said: Promise<unknown>): Promise<unknown> {
  return said.catch((error: unknown) => {
    if (isRefusal(error, 'file-absent')) return ABSENT;
    throw error;
  });
}

/** Of a regular file; undefined for everything else, and where the host sent no attributes that make sense. */
function sizeOf(said: unknown): number | undefined {
  const { mode, size } = { mode: 0, size: -1, ...(said as object) };
  const isFile = typeof mode === 'number' && (mode & S_IFMT) === S_IFREG;
  return isFile && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

/** stat(2). */
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
