import { describe, expect, it } from 'vitest';
import { proxyTrouble } from './proxy-trouble.ts';

/** As OpenSSH 9.2 says them with -v. */
const RUNS = 'debug1: Executing proxy command: exec tunnel web-01 22\n';
const BANNER = 'debug1: kex_exchange_identification: banner line 0: HTTP/1.1 403\n';
const CLOSED =
  'kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n';
const SERVER = 'debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1\n';

describe('proxyTrouble', () => {
  it.each([
    ['ended without an answer: no session', RUNS + CLOSED, 'waiting\nno session\n', false],
    ['ended without an answer', RUNS + CLOSED, '', false],
    ['does not answer', RUNS, '', true],
    ['does not answer: log in first', RUNS, 'log in first\n', true],
    ['answers with what is not SSH: "HTTP/1.1 403"', RUNS + BANNER, '', true],
    ['answers with what is not SSH: "HTTP/1.1 403"', RUNS + BANNER + CLOSED, '', false],
  ])('%s', (why, ssh, proxy, isLate) => {
    expect(proxyTrouble(ssh, proxy, isLate)).toEqual({ kind: 'proxy-failed', why: `the ProxyCommand ${why}` });
  });

  it('is none where there is no command, or where a server answered through it', () => {
    expect(proxyTrouble(CLOSED, '', false)).toBeUndefined();
    expect(proxyTrouble(RUNS + SERVER + CLOSED, 'bye', false)).toBeUndefined();
  });
});
