import { expect, it } from 'vitest';
import { type ProxyEnd, type ProxyWords, proxyFailure } from './proxy-failure.ts';

const SILENT: ProxyWords = { printed: '', complained: '' };

it.each<[string, ProxyEnd, Partial<ProxyWords>]>([
  ['ended with 1: no session', { kind: 'exited', status: 1 }, { complained: 'debug\nno session\n' }],
  [
    'ended with 255: gate: no route',
    { kind: 'exited', status: 255 },
    { complained: 'gate: no route\r\ndebug1: bye\n' },
  ],
  ['ended with 1', { kind: 'exited', status: 1 }, {}],
  ['ended with 2: "not for you"', { kind: 'exited', status: 2 }, { printed: 'not for you\n' }],
  ['ended with 0', { kind: 'exited', status: 0 }, {}],
  ['answers with what is not SSH: "HTTP/1.1 403"', { kind: 'exited', status: 0 }, { printed: 'HTTP/1.1 403\r\n' }],
  ['answers with what is not SSH: "[2J x"', { kind: 'stopped' }, { printed: '\u001b[2J \u202ex', complained: 'a' }],
  ['does not answer', { kind: 'stopped' }, {}],
  ['does not answer: waiting', { kind: 'stopped' }, { complained: 'waiting' }],
  ['was ended by SIGSEGV', { kind: 'signalled', signal: 'SIGSEGV' }, {}],
  ['cannot be run (ENOENT)', { kind: 'not-started', code: 'ENOENT' }, {}],
])('%s', (said, end, words) => expect(proxyFailure(end, { ...SILENT, ...words })).toBe(`the ProxyCommand ${said}`));

it('says no more than a line of what it printed', () => {
  expect(proxyFailure({ kind: 'stopped' }, { ...SILENT, printed: 'x'.repeat(5000) }).length).toBeLessThan(140);
});
