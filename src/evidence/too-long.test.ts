import { describe, expect, it } from 'vitest';
import { parseAcceptQueues } from './accept-queues.ts';
import { parseListeners } from './listeners.ts';
import { parsePeerTimestamps } from './peer-timestamps.ts';
import { parsePersistedSysctls } from './persisted-sysctls.ts';
import { parseProcesses } from './processes.ts';
import { parseSockets } from './sockets.ts';

function lines(count: number, line: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => line(n)).join('\n');
}

describe('more rows than a host has are not looked through, and not called healthy', () => {
  it.each([
    ['accept queues', parseAcceptQueues, `via ss\nlooks 5\n${lines(201, (n) => `queue 5 10.0.0.1:${n}`)}`],
    ['listeners', parseListeners, `via ss\n${lines(1001, (n) => `0 5 *:${n} *:*`)}\nomitted 0`],
    ['destinations', parsePeerTimestamps, lines(51, (n) => `peer 10.0.0.1:${n} 1 1`)],
    ['owners', parseProcesses, `seen all\n${lines(101, (n) => `process ${n} 1 1 1 1 1 1 - 0 - x`)}`],
    ['namespaces', parseProcesses, `seen all\n${lines(41, (n) => `namespace ${n} ${n} - x`)}`],
    ['files', parsePersistedSysctls, `order el6\n${lines(1001, (n) => `file /etc/sysctl.d/${n}`)}`],
    ['assignments', parsePersistedSysctls, `order el6\n${lines(1001, (n) => `set /etc/sysctl.d/a:${n}:net.a=1`)}`],
    ['a value', parsePersistedSysctls, `order el6\nset /etc/sysctl.d/a:1:net.a=${'1'.repeat(4097)}`],
    ['inbound ports', parseSockets, `coverage all\n${lines(201, (n) => `inbound 1 ${n} 0 0 0 0 0`)}\nuncounted 0`],
    ['sources', parseSockets, `coverage all\n${lines(201, (n) => `source 1 10.0.0.${n} 0 0`)}\nuncounted 0`],
  ])('%s', (_, parse: (text: string) => unknown, text) => {
    expect(parse(text)).toMatchObject({ kind: 'unreadable', reason: { code: 'too-long' } });
  });

  it('a port that is none', () => {
    expect(parseSockets(`coverage all\nlistening 70000\nuncounted 0`)).toMatchObject({ kind: 'garbled' });
  });
});
