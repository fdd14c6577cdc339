/** What a person is told when something is wrong, and what a host or a person may say that must not be obeyed. */
import { expect } from 'vitest';
import type { Ended } from './cli-process.ts';

/** For a template, a page, a terminal, and a reader. */
export const STRAY = '{{constructor}} <b>*bold*</b> \u001b[2J\u001b]0;title\u0007 \u202e';

/** One sentence, at most one line of what to do, nothing a terminal obeys. */
export function expectSaid({ stderr }: Ended, said: RegExp): void {
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(/^tcp-oncall: /);
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}| {4}at /u);
}
