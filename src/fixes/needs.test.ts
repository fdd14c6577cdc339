import { expect, it } from 'vitest';
import { needsOf } from './needs.ts';

const [RANGE, RESERVED] = ['net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports'];
const [TIME, INTERVAL, PROBES] = ['time', 'intvl', 'probes'].map((name) => `net.ipv4.tcp_keepalive_${name}`);

it.each([
  [RANGE, [RESERVED, RANGE], [RESERVED]],
  [RESERVED, [RESERVED, RANGE], []],
  [RANGE, [RANGE], []],
  [INTERVAL, [TIME, INTERVAL, PROBES], [TIME, PROBES]],
  [PROBES, [PROBES, 'net.core.somaxconn'], []],
  ['net.core.somaxconn', [RANGE, RESERVED, 'net.core.somaxconn'], []],
])('%s, of %j, needs %j', (key = '', planned, needed) => {
  expect(needsOf(key, planned.map(String))).toEqual(needed);
});
