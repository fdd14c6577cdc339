/** Files of hosts as the use cases want them: copied from host to host, and read. Failures are values. */
import type { CopyFile, ReadFile, RunOnHost } from '#app/ports.ts';
import { copyFile } from './copy-file.ts';
import { FileError, type FileFailure } from './file-error.ts';
import type { OverConnection } from './over-connection.ts';
import { readFile } from './read-file.ts';
import { type Stop, watchStop } from './stop.ts';

export interface FileTools {
  readonly over: OverConnection;
  readonly run: RunOnHost;
}

export interface HostFiles {
  readonly copy: CopyFile;
  readonly read: ReadFile;
}

/** For connections to open, and for what is under way when a budget is over to arrive. */
const GRACE_MS = 60_000;

/** `closing` ends all of it. */
export function createHostFiles(tools: FileTools, closing: AbortSignal): HostFiles {
  async function bounded<T>(
    budgetMs: number,
    signal: AbortSignal | undefined,
    work: (stop: Stop) => Promise<T>,
  ): Promise<T | FileFailure> {
    using stop = watchStop(budgetMs + GRACE_MS, [signal, closing]);
    try {
      return await work(stop);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const [{ failure }, reason] = [error, stop.reason()];
      return failure.kind === 'away' && reason !== undefined ? { ...failure, why: reason } : failure;
    }
  }

  return {
    copy: (wanted) => bounded(wanted.budgetMs, wanted.signal, (stop) => copyFile(wanted, stop, tools)),
    read: (wanted) => bounded(0, undefined, (stop) => readFile(wanted, stop, tools.over)),
  };
}
