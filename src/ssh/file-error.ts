/** What goes wrong with a file of a host: thrown within this folder, and a value to everybody else. */
import type { Away, Copied } from '#app/ports.ts';
import type { FileFailureCode } from '#domain/change-failure.ts';
import type { NotConnected } from './over-connection.ts';

export type FileFailure = Extract<Copied, { kind: 'failed' }> | Away;

export class FileError extends Error {
  override readonly name = 'FileError';
  readonly failure: FileFailure;

  constructor(failure: FileFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** `path` is empty where no file of the host is meant. */
export function refusal(code: FileFailureCode, host: string, path: string): FileError {
  return new FileError({ kind: 'failed', failure: { code, detail: path === '' ? host : `${host}:${path}` } });
}

/** Another host under the same name stays another one, however often it is asked. */
export function away(host: string, { kind }: NotConnected['end']): FileError {
  if (kind === 'host-key-other') return new FileError({ kind: 'failed', failure: { code: kind, detail: host } });
  return new FileError({ kind: 'away', host, why: kind });
}

export function gone(host: string): FileError {
  return new FileError({ kind: 'away', host, why: 'connection-lost' });
}

export function isRefusal(error: unknown, code: FileFailureCode): boolean {
  return error instanceof FileError && error.failure.kind === 'failed' && error.failure.failure.code === code;
}
