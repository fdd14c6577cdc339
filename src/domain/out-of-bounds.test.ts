import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALLOWED } from './allowed-sysctls.ts';
import { isAllowed, outOfBounds } from './out-of-bounds.ts';

describe('what a change may write', () => {
  it.each([
    ['net.ipv4.tcp_tw_reuse', '2', '1', true],
    ['net.ipv4.tcp_tw_reuse', '1', '2', false],
    ['net.ipv4.tcp_tw_recycle', '1', '0', true],
    ['net.ipv4.tcp_tw_recycle', '0', '1', false],
    ['net.ipv4.tcp_timestamps', '1', '0', false],
    ['net.ipv4.tcp_max_tw_buckets', '16384', '32768', true],
    ['net.ipv4.tcp_max_tw_buckets', '16384', '5000', false],
    ['net.core.somaxconn', '128', '4096', true],
    ['net.core.somaxconn', '8192', '4096', false],
    ['net.ipv4.tcp_keepalive_time', '120', '7200', false],
    ['net.netfilter.nf_conntrack_max', '0', '65536', false],
    ['net.ipv4.ip_local_port_range', '10240 65535', '32768 60999', false],
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

describe('ports that stay for connect()', () => {
  const RESERVED = 'net.ipv4.ip_local_reserved_ports';
  const RANGE = 'net.ipv4.ip_local_port_range';
  const reserve = (to: string, from = '') => ({ key: RESERVED, from, to });
  const leaves = (limit: string, value: string) => ({ key: RESERVED, bound: 'leaves-ports', limit, value });

  it.each([
    ['half of the range', '32768 60999', reserve('32768-46883'), undefined],
    ['one fewer', '32768 60999', reserve('32768-46884'), leaves('14116', '14115')],
    ['4,096 of a smaller range', '40000 45999', reserve('40000-41903'), undefined],
    ['one fewer', '40000 45999', reserve('40000-41904'), leaves('4096', '4095')],
    ['all but a sixteenth of one that has not as many', '42000 42039', reserve('42002,42004'), undefined],
    ['one fewer', '42000 42039', reserve('42002,42004,42006'), leaves('38', '37')],
    ['as many as now, where they are few', '40000 40999', reserve('8080,40500', '40500'), undefined],
  ])('%s', (_, range, step, refused) => {
    expect(outOfBounds([step], { range, reserved: step.from })).toEqual(refused);
  });

  it('are those of the range after the same change, where that comes first', () => {
    const widen = { key: RANGE, from: '40000 40999', to: '10240 65535' };
    const now = { range: widen.from, reserved: '' };
    expect(outOfBounds([widen, reserve('40000-40999')], now)).toBeUndefined();
    expect(outOfBounds([reserve('40000-40999'), widen], now)).toEqual(leaves('938', '0'));
    expect(outOfBounds([reserve('40000-40999')], { range: widen.from, reserved: '' })).toEqual(leaves('938', '0'));
  });
});
