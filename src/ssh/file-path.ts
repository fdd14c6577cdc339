/** Is this a path that we would read from or write to on a host? */
import { refusal } from './file-error.ts';

const LONGEST = 1000;

/** Relative or absolute, without a way up, an empty part or a control character. */
export function isPath(path: string): boolean {
  const parts = path.replace(/^\//, '').split('/');
  return path.length <= LONGEST && !/\p{Cc}/u.test(path) && parts.every((part) => !['', '.', '..'].includes(part));
}

/** Throws a FileError. */
export function requirePath(path: string, host: string): void {
  if (!isPath(path)) throw refusal('file-path', host, '');
}

export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
