import { describe, expect, it } from 'vitest';
import { read } from '#domain/reading.ts';
import { planFix } from '../plan-fix.ts';
import { fix } from './fix.ts';

function planned({ time = 7200, established = 40, keepalive = 30 }) {
  const pool = { source: '10.0.0.11', destination: '52.10.20.30', port: 443, established, keepalive };
  const sockets = { coverage: 'all', outbound: [pool] };
  const sysctls = {
    'net.ipv4.tcp_keepalive_time': read(time),
    'net.ipv4.tcp_keepalive_intvl': read(75),
    'net.ipv4.tcp_keepalive_probes': read(9),
  };
  const host = { kernel: '6.1.0', netns: '4026531840' };
  return planFix(fix, 'web-01', {
    samples: [{ readings: { sockets: read(sockets), sysctls: read(sysctls), host: read(host) } }],
  });
}

describe('tune-keepalive', () => {
  it('probes before the shortest idle limit in common use, and gives a dead peer up soon', () => {
    const proposal = planned({});
    expect(proposal.kind === 'plan' && proposal.plan.steps.map(({ key, from, to }) => [key, from, to])).toEqual([
      ['net.ipv4.tcp_keepalive_time', '7200', '120'],
      ['net.ipv4.tcp_keepalive_intvl', '75', '15'],
      ['net.ipv4.tcp_keepalive_probes', '9', '5'],
    ]);
  });

  it('does nothing for sockets that did not ask for keepalive, and says so', () => {
    expect(planned({ keepalive: 0 })).toMatchObject({ kind: 'refused', why: 'no-so-keepalive' });
  });

  it('is not needed without a NAT, or where it is short already', () => {
    expect(planned({ established: 0, keepalive: 0 })).toMatchObject({ kind: 'refused', why: 'not-needed' });
    expect(planned({ time: 60 })).toMatchObject({ kind: 'refused', why: 'already' });
  });
});
