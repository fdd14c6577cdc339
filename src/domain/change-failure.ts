/** What stood in the way of a change. In records and in a helper's answer it is words: `CODE DETAIL`. */

/** A code that the words have a sentence for, and what it is about. */
export interface ChangeFailure {
  readonly code: string;
  readonly detail: string;
}

/** What stood in the way of a file, with `HOST:PATH` as the detail. */
export const FILE_FAILURES = [
  'no-sftp',
  'file-path',
  'file-absent',
  'file-rights',
  'file-kind',
  'file-size',
  'file-hash',
  'file-write',
  'file-read',
] as const;

export type FileFailureCode = (typeof FILE_FAILURES)[number];

export function failureText({ code, detail }: ChangeFailure): string {
  return `${code} ${detail}`.trim();
}

export function failureOf(text: string): ChangeFailure {
  const [code = '', ...detail] = text.split(' ');
  return { code, detail: detail.join(' ') };
}
