import { describe, expect, it } from 'vitest';
import { parseSysctls, parseSysctlValue } from './sysctls.ts';

function readKey(
  text: string,
  key: 'net.ipv4.tcp_tw_recycle' | 'net.ipv4.ip_local_reserved_ports' | 'net.ipv4.ip_local_port_range',
) {
  const reading = parseSysctls(text);
  return reading.kind === 'read' ? reading.value[key] : reading;
}

describe('sysctls', () => {
  it('tells absent, forbidden and not asked apart, with GNU and busybox grep', () => {
    expect(
      readKey('grep: net/ipv4/tcp_tw_recycle: No such file or directory', 'net.ipv4.tcp_tw_recycle'),
    ).toMatchObject({ kind: 'absent' });
    expect(readKey('grep: net/ipv4/tcp_tw_recycle: Permission denied', 'net.ipv4.tcp_tw_recycle')).toMatchObject({
      reason: { code: 'no-permission' },
    });
    expect(readKey('', 'net.ipv4.tcp_tw_recycle')).toMatchObject({ reason: { code: 'not-collected' } });
  });

  it('reads pairs and port lists', () => {
    expect(readKey('net/ipv4/ip_local_port_range:32768\t60999', 'net.ipv4.ip_local_port_range')).toMatchObject({
      value: [32768, 60999],
    });
    expect(readKey('net/ipv4/ip_local_reserved_ports:', 'net.ipv4.ip_local_reserved_ports')).toMatchObject({
      value: [],
    });
    expect(parseSysctlValue('net.ipv4.ip_local_reserved_ports', '24224,30000-30010')).toEqual([
      { first: 24224, last: 24224 },
      { first: 30000, last: 30010 },
    ]);
  });

  it('names the value it cannot read, and only that one', () => {
    expect(readKey('net/ipv4/ip_local_port_range:many', 'net.ipv4.ip_local_port_range')).toMatchObject({
      kind: 'garbled',
    });
    expect(readKey('net/ipv4/ip_local_port_range:many', 'net.ipv4.tcp_tw_recycle')).toMatchObject({
      kind: 'unreadable',
    });
  });
});
