import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALLOWED, isAllowed } from './allowed-sysctls.ts';

describe('what a change may write', () => {
  it.each([
    ['net.ipv4.tcp_tw_reuse', '2', '1', true],
    ['net.ipv4.tcp_tw_reuse', '1', '2', false],
    ['net.ipv4.tcp_tw_recycle', '1', '0', true],
    ['net.ipv4.tcp_tw_recycle', '0', '1', false],
    ['net.ipv4.tcp_timestamps', '1', '0', false],
    ['net.ipv4.tcp_max_tw_buckets', '16384', '32768', true],
    ['net.ipv4.tcp_max_tw_buckets', '16384', '5000', false],
    ['net.ipv4.tcp_fin_timeout', '60', '5', false],
    ['net.ipv4.ip_local_port_range', '32768 60999', '10240 65535', true],
    ['net.ipv4.ip_local_port_range', '32768 60999', '1024 65535', false],
    ['net.ipv4.ip_local_port_range', '32768 60999', '10241 65535', false],
    ['net.ipv4.ip_local_port_range', '32768 60999', '40000', false],
    ['net.ipv4.ip_local_reserved_ports', '8080', '8080,9000-9002', true],
    ['net.ipv4.ip_local_reserved_ports', '8080', '9000', false],
    ['net.ipv4.ip_local_reserved_ports', '', '', true],
    ['net.core.somaxconn', '128', '4096; id', false],
    ['kernel.core_pattern', 'core', 'x', false],
    ['net.ipv4.ip_forward', '0', '1', false],
  ])('%s from %j to %j: %s', (key, from, to, allowed) => {
    expect(isAllowed(key, from, to)).toBe(allowed);
  });

  it('is nothing but digits, commas, dashes and single blanks', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALLOWED.keys()), fc.string(), (key, to) => {
        if (isAllowed(key, '', to)) expect(to).toMatch(/^[0-9, -]*$/);
      }),
    );
  });
});
