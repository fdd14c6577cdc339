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
  const sockets = { listeningPorts: [40_500] };
  const readings = { sockets: read(sockets), host: read(host), sysctls: read(sysctls) };
  return planFix(fix, 'web-01', { samples: [{ readings }] });
}

it('reserves a listener that connect() might be in the way of', () => {
  expect(planned([32_768, 60_999])).toMatchObject({ kind: 'plan', plan: { steps: [{ to: '40500' }] } });
});

it('is not offered where the host would refuse it, and says which bound does', () => {
  const facts = { bound: { value: 'leaves-ports' }, limit: { value: '4096' }, value: { value: '999' } };
  expect(planned([40_000, 40_999])).toMatchObject({ kind: 'refused', why: 'out-of-bounds', facts });
});
