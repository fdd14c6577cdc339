import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSysctl, showSysctl } from '#diagnosis/sysctl-value.ts';

describe('compareSysctl', () => {
  it.each([
    ['net.ipv4.tcp_fin_timeout', 30, '30', 'same'],
    ['net.ipv4.tcp_fin_timeout', 60, '30', 'different'],
    ['net.ipv4.tcp_fin_timeout', 30, '30 # shorter', 'same'],
    ['net.ipv4.tcp_fin_timeout', 32, '0x20', 'same'],
    ['net.ipv4.tcp_fin_timeout', 60, 'sixty', 'refused'],
    ['net.ipv4.tcp_fin_timeout', 60, '', 'refused'],
    ['net.ipv4.ip_local_port_range', [32768, 60999], '32768 60999', 'same'],
    ['net.ipv4.ip_local_port_range', [32768, 60999], '1024 65535', 'different'],
    ['net.ipv4.tcp_rmem', [4096, 87380, 33554432], '4096 87380', 'same'],
    ['net.netfilter.nf_conntrack_buckets', 100352, '100000', 'same'],
    ['net.netfilter.nf_conntrack_buckets', 65536, '100000', 'different'],
  ] as const)('%s is %j, a file says %j: %s', (key, live, text, expected) =>
    expect(compareSysctl(key, live, text)).toBe(expected),
  );

  it('compares reserved ports as a set, and knows that a blank after a comma is refused', () => {
    const live = [
      { first: 8080, last: 8081 },
      { first: 9000, last: 9002 },
    ];
    const key = 'net.ipv4.ip_local_reserved_ports';
    expect(compareSysctl(key, live, '9000-9002,8081,8080')).toBe('same');
    expect(compareSysctl(key, live, '8080')).toBe('different');
    expect(compareSysctl(key, [], '')).toBe('same');
    expect(compareSysctl(key, [], '8080, 8081')).toBe('refused');
  });

  it('never throws, whatever a file says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['same', 'different', 'refused']).toContain(compareSysctl('net.ipv4.tcp_mem', [1, 2, 3], text));
        expect(['same', 'different', 'refused']).toContain(compareSysctl('net.ipv4.ip_local_reserved_ports', [], text));
      }),
    );
  });
});

describe('showSysctl', () => {
  it('writes values as /proc/sys does', () => {
    expect(showSysctl(60)).toBe('60');
    expect(showSysctl([32768, 60999])).toBe('32768 60999');
    expect(showSysctl([])).toBe('""');
    expect(
      showSysctl([
        { first: 8080, last: 8080 },
        { first: 9000, last: 9002 },
      ]),
    ).toBe('8080,9000-9002');
  });
});
