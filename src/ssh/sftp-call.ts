/** One request of an SFTP session: its answer, or a FileError. */
import type { SFTPWrapper } from 'ssh2';
import type { FileFailureCode } from '#domain/change-failure.ts';
import { type FileError, gone, refusal } from './file-error.ts';

/** What a request is for, where the host says no more than that it failed. */
export type Doing = 'file-read' | 'file-write';

/** The answer is whatever the host sent: a handle, attributes, nothing. */
export type Call = (path: string, doing: Doing, begin: (done: Done) => void) => Promise<unknown>;

type Done = (error: Error | null | undefined, answer?: unknown) => void;

export interface Caller {
  readonly call: Call;
  /** Ends the session, and every request that waits for its answer. */
  readonly end: () => void;
}

/** ssh2 answers nothing that is asked after the session has ended: then every request ends with it. */
export function callerOf(session: SFTPWrapper, host: string): Caller {
  let isOver = false;
  const waiting = new Set<() => void>();

  function leave(): void {
    isOver = true;
    for (const give of waiting) give();
    waiting.clear();
  }
  for (const end of ['error', 'close', 'end']) session.on(end, leave);

  function call(path: string, doing: Doing, begin: (done: Done) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const give = () => reject(gone(host));
      if (isOver) return give();
      waiting.add(give);
      begin((error, answer) => {
        waiting.delete(give);
        if (error == null) resolve(answer);
        else reject(troubleOf(error, doing, host, path));
      });
    });
  }

  function end(): void {
    leave();
    session.end();
  }
  return { call, end };
}

/** By the status codes of draft-ietf-secsh-filexfer-02, section 7. */
const TROUBLES: ReadonlyMap<unknown, FileFailureCode> = new Map([
  [2, 'file-absent'],
  [3, 'file-rights'],
]);

/** ssh2 gives no code where the session ended, and where the answer makes no sense. */
function troubleOf(error: Error & { readonly code?: unknown }, doing: Doing, host: string, path: string): FileError {
  if (error.code === undefined) return gone(host);
  const known = TROUBLES.get(error.code);
  // What is to be written is not there: the directory is missing, or is none.
  const trouble = known === undefined || (doing === 'file-write' && known === 'file-absent') ? doing : known;
  return refusal(trouble, host, path);
}
