import { describe, expect, it } from 'vitest';
import { read } from '#domain/reading.ts';
import { planFix } from '../plan-fix.ts';
import { fix } from './fix.ts';

const GIB = 1024 ** 3;

function planned(table: { count?: number; max?: number; maxIsWritable?: boolean | null }, memoryBytes = 64 * GIB) {
  const conntrack = { count: 250_000, max: 262_144, buckets: 262_144, maxIsWritable: true, stats: {}, ...table };
  const host = { kernel: '6.1.0', netns: '4026531840', memoryBytes };
  const sysctls = { 'net.netfilter.nf_conntrack_max': read(conntrack.max) };
  const readings = { conntrack: read(conntrack), host: read(host), sysctls: read(sysctls) };
  return planFix(fix, 'gw-01', { samples: [{ readings }] });
}

describe('raise-conntrack-max', () => {
  it('doubles a table that is nearly full, for the whole host', () => {
    expect(planned({})).toMatchObject({
      kind: 'plan',
      plan: { steps: [{ key: 'net.netfilter.nf_conntrack_max', from: '262144', to: '524288', scope: 'host' }] },
    });
  });

  it('takes no more than a sixteenth of memory', () => {
    expect(planned({}, 2 * GIB)).toMatchObject({ kind: 'plan', plan: { steps: [{ to: '419430' }] } });
    expect(planned({}, GIB)).toMatchObject({ kind: 'refused', why: 'no-memory' });
  });

  it('is not for a namespace that may not write it', () => {
    expect(planned({ maxIsWritable: false })).toMatchObject({ kind: 'refused', why: 'hosts-own' });
  });

  it('is not needed while there is room', () => {
    expect(planned({ count: 200_000 })).toMatchObject({ kind: 'refused', why: 'not-needed' });
  });
});
