/** A number that no kernel prints is not read: the section, or the one sysctl, is garbled and names the line. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SOURCES } from './sources.ts';
import { parseSysctls, type SysctlKey } from './sysctls.ts';

const recorded = (source: string) => readFileSync(new URL(`samples/sections/${source}.txt`, import.meta.url), 'utf8');
const parse = (source: string, text: string) => SOURCES.find(({ name }) => name === source)?.parse(text);

/** A piece of the recorded section, and what is put in its place. */
const IMPOSSIBLE: readonly (readonly [source: string, piece: string, put: string])[] = [
  ['conntrack', 'count 0', 'count -1'],
  ['conntrack', 'max 262144', 'max 4294967296'],
  ['conntrack', 'stat drop 0', 'stat drop -3'],
  ['netstat', 'TcpExt: 0 0', 'TcpExt: -1 0'],
  ['netstat', 'TcpExt: 0 0', 'TcpExt: 18446744073709551617000 0'],
  ['netstat', 'SyncookiesSent', 'Syncookies?'],
  ['netstat', 'TcpExt:', 'TcpExtra:'],
  ['snmp', ' 61 57 ', ' -61 57 '],
  ['snmp', ' 61 57 ', ' NaN 57 '],
  ['host', 'uptime 2384.49', 'uptime'],
  ['host', 'uptime 2384.49', 'uptime -5'],
  ['host', 'uptime 2384.49', 'uptime 1e9'],
  ['host', 'kernel 6.18', 'kernel six'],
  ['host', 'net:[4026532177]', 'net:[]'],
  ['kernel-log', '3 [ 2314', '-3 [ 2314'],
  ['kernel-log', '3 [ 2314.398993]', '3 [ -2314.398993]'],
  ['limits', '1/100', '1/-100'],
  ['limits', 'threads-max 192731', 'threads-max -1'],
  ['limits', 'threads-max 192731', 'threads-max 0'],
  ['limits', 'pid-max 32768', 'pid-max 99999999999'],
  ['limits', 'file-nr 682', 'file-nr -682'],
  ['limits', '2466183', ''],
  ['listeners', 'LISTEN 6 ', 'LISTEN -6 '],
  ['listeners', '0.0.0.0:8000', '0.0.0.0:80000'],
  ['listeners', '127.0.0.1:9000', '127.0.0.300:9000'],
  ['accept-queues', 'looks 2', 'looks 200'],
  ['accept-queues', 'queue 5', 'queue -5'],
  ['peer-timestamps', '10.9.0.1:8080 5 5', '10.9.0.1:8080 5 6'],
  ['peer-timestamps', '10.9.0.1:8080 5 5', '10.9.0.1:808080 5 5'],
  ['processes', '21757 0 1 6 20000', '21757 0 1 -6 20000'],
  ['processes', '21757 0 1 6 20000', '21757 0 1 6 many'],
  ['processes', ' 46301 ', ' 463010 '],
  ['sockets', 'state 06 37', 'state 06 -37'],
  ['sockets', 'state 06 37', 'state 06 99999999999'],
  ['sockets', 'outbound 36 10.9.0.1 ', 'outbound 36 10.9..1 '],
  ['sockets', 'outbound 36 ', 'outbound 35 '],
  ['sockets', 'inbound 14 8080', 'inbound 14 80800'],
  ['sockets', 'source 6 10.9.0.2 6 6', 'source 6 10.9.0.2 6 7'],
  ['sockets', 'closewait 4 9000', 'closewait 4 many'],
  ['sockets', 'timer 5637 5641', 'timer 5637 41'],
  ['sockets', 'state 06 37\n', ''],
  ['sockets', 'state 08 7\n', 'state 01 7\n'],
  ['sockets', 'omitted 0 0 0 0', ''],
  ['sockstat', 'orphan 0', 'orphan -1'],
  ['sockstat', 'orphan 0 ', ''],
  ['sockstat', 'tw 44', 'tw 99999999999'],
];

describe('a number that no kernel prints', () => {
  it.each(IMPOSSIBLE)('%s: %s → %s', (source, piece, put) => {
    const text = recorded(source);
    expect(text).toContain(piece);
    expect(parse(source, text.replace(piece, put))).toMatchObject({
      kind: 'garbled',
      reason: { code: 'unexpected-line', what: expect.stringMatching(/^line \d+: /) },
    });
  });
});

describe('a sysctl', () => {
  const kindOf = (key: SysctlKey, value: string) => {
    const reading = parseSysctls(`${key.replaceAll('.', '/')}:${value}`);
    return reading.kind === 'read' ? reading.value[key].kind : reading.kind;
  };

  it.each<[SysctlKey, string]>([
    ['net.ipv4.ip_local_port_range', '32768 -1'],
    ['net.ipv4.ip_local_port_range', '61000 1024'],
    ['net.ipv4.ip_local_port_range', '0 60999'],
    ['net.ipv4.ip_local_port_range', '32768 65536'],
    ['net.ipv4.ip_local_port_range', '32768'],
    ['net.ipv4.ip_local_reserved_ports', '70000'],
    ['net.ipv4.tcp_max_tw_buckets', '2147483648'],
    ['net.ipv4.tcp_max_tw_buckets', ''],
    ['net.ipv4.tcp_max_orphans', 'NaN'],
    ['net.ipv4.tcp_mem', '1 2 -3'],
    ['net.core.somaxconn', '-1'],
    ['net.netfilter.nf_conntrack_max', '-1'],
    ['kernel.pid_max', '-1'],
    ['fs.file-max', '-1'],
  ])('%s is never %j', (key, value) => expect(kindOf(key, value)).toBe('garbled'));

  it.each<[SysctlKey, string]>([
    ['net.ipv4.tcp_max_tw_buckets', '-1'],
    ['net.ipv4.tcp_fin_timeout', '-1'],
    ['net.ipv4.tcp_timestamps', '-1'],
    ['net.ipv4.ip_local_port_range', '1024\t65535'],
    ['net.ipv4.ip_local_port_range', '40000 40000'],
    ['net.ipv4.ip_local_reserved_ports', ''],
    ['net.ipv4.tcp_mem', '0 18446744073709551615 9223372036854775807'],
    ['fs.file-max', '9223372036854775807'],
  ])('%s may well be %j', (key, value) => expect(kindOf(key, value)).toBe('read'));
});

it('tells a process without limits from one whose limits this account may not read', () => {
  const row = (limits: string) => `seen own\nprocess 7 1000 1 6 ${limits} 4026531833 0 80 nginx\n`;
  expect(parse('processes', row('unlimited unlimited unlimited'))).toMatchObject({
    value: { processes: [{ descriptorLimit: { soft: null }, limitsSeen: true }] },
  });
  expect(parse('processes', row('- - -'))).toMatchObject({ value: { processes: [{ limitsSeen: false }] } });
});
