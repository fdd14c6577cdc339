import { expect, it } from 'vitest';
import { read } from '#domain/reading.ts';
import { planFix } from '../plan-fix.ts';
import { fix } from './fix.ts';

function planned(range: readonly [number, number]) {
  const sysctls = {
    'net.ipv4.ip_local_port_range': read(range),
    'net.ipv4.ip_local_reserved_ports': read([]),
  };
  const host = { kernel: '6.1.0', netns: '4026531840' };
  const sockets = { listeningPorts: [40_001, 40_003] };
  const readings = { sockets: read(sockets), host: read(host), sysctls: read(sysctls) };
  return planFix(fix, 'web-01', { samples: [{ readings }] });
}

it('reserves the listeners in the range', () => {
  expect(planned([32_768, 60_999])).toMatchObject({ kind: 'plan', plan: { steps: [{ to: '40001,40003' }] } });
});

it('is not offered where the host would refuse it, and says which bound does', () => {
  const facts = { bound: { value: 'leaves-ports' }, limit: { value: '15' }, value: { value: '14' } };
  expect(planned([40_000, 40_015])).toMatchObject({ kind: 'refused', why: 'out-of-bounds', facts });
});
