import { describe, expect, it } from 'vitest';
import type { Evidence, Sample } from '#domain/evidence.ts';
import { delta } from '#domain/evidence.ts';
import { fact } from '#domain/fact.ts';
import { absent, type Reading, read, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import { defineDiagnosis } from './diagnosis.ts';
import { judge } from './engine.ts';

const OVERFLOWS = 'counter:TcpExt.ListenOverflows';

const overflow = defineDiagnosis({
  id: 'overflow',
  area: 'accept-queue',
  needsChange: [OVERFLOWS],
  judge: ({ change }) => {
    const facts = { grown: fact(delta(change[OVERFLOWS]), 'events', OVERFLOWS) };
    return delta(change[OVERFLOWS]) > 0 ? found('crit', facts) : ruledOut(facts);
  },
});

const recycle = defineDiagnosis({
  id: 'recycle',
  area: 'time-wait',
  uses: ['sysctl:net.ipv4.tcp_tw_recycle'],
  judge: ({ maybe }) => {
    const reading = maybe['sysctl:net.ipv4.tcp_tw_recycle'];
    if (reading.kind === 'absent') return ruledOut({});
    return reading.kind === 'read' ? found('warn', {}) : undecided(reading);
  },
});

function sample(uptime: number, overflows: number, other: Record<string, Reading<unknown>> = {}, bootId = 'a'): Sample {
  return {
    readings: {
      host: read({ uptime, bootId, netns: '1' }),
      netstat: read({ 'TcpExt.ListenOverflows': overflows }),
      ...other,
    },
  };
}

function verdictOf(evidence: Evidence, diagnosis = overflow) {
  return judge([diagnosis], evidence)[0];
}

describe('judge', () => {
  it('lets an absence found by the first sample stand when the second does not ask again', () => {
    const sysctls = read({ 'net.ipv4.tcp_tw_recycle': absent('net.ipv4.tcp_tw_recycle') });
    const evidence: Evidence = { samples: [sample(100, 5, { sysctls }), sample(105, 5)] };
    expect(verdictOf(evidence, recycle)).toMatchObject({ kind: 'ruled-out' });
  });

  it('waits for the second sample, then compares', () => {
    const first = sample(100, 5);
    expect(verdictOf({ samples: [first] })).toMatchObject({
      kind: 'unknown',
      reason: { code: 'needs-second-sample', reading: OVERFLOWS },
    });
    expect(verdictOf({ samples: [first, sample(105, 5)] })).toMatchObject({ kind: 'ruled-out' });
    expect(verdictOf({ samples: [first, sample(105, 9)] })).toMatchObject({
      kind: 'found',
      facts: { grown: { value: 4 } },
    });
  });

  it.each([
    ['a reboot', sample(3, 9, {}, 'b')],
    ['a counter that went down', sample(105, 4)],
    ['a counter that leapt', sample(105, 1e11)],
    ['another network namespace', sample(105, 9, { host: read({ uptime: 105, bootId: 'a', netns: '2' }) })],
  ])('voids a pair across %s', (_, second) => {
    expect(verdictOf({ samples: [sample(100, 5), second] })).toMatchObject({
      kind: 'unknown',
      reason: { code: 'counters-reset' },
    });
  });

  it('makes no rate of a clock that stands still', () => {
    expect(verdictOf({ samples: [sample(100, 5), sample(100, 5)] })).toMatchObject({
      kind: 'unknown',
      reason: { code: 'failed' },
    });
  });

  it('finds what only the first sample shows, and rules out nothing that the second could not read', () => {
    const LISTENERS = 'listeners';
    const full = defineDiagnosis({
      id: 'full',
      area: 'accept-queue',
      uses: [LISTENERS, 'sockets'],
      judge: ({ maybe: { listeners } }) => {
        if (listeners.kind !== 'read') return undecided(listeners);
        return listeners.value.omitted > 0 ? found('warn', {}) : ruledOut({});
      },
    });
    const lost = sample(105, 0, { [LISTENERS]: unreadable('too-slow', LISTENERS) });
    const before = (omitted: number) => sample(100, 0, { [LISTENERS]: read({ omitted }) });
    expect(verdictOf({ samples: [before(1), lost] }, full)).toMatchObject({ kind: 'found' });
    expect(verdictOf({ samples: [before(0), lost] }, full)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'too-slow', reading: LISTENERS },
    });
    const other = sample(105, 0, { [LISTENERS]: read({ omitted: 0 }), sockets: unreadable('too-slow', 'sockets') });
    const both = sample(100, 0, { [LISTENERS]: read({ omitted: 0 }), sockets: read({ coverage: 'all' }) });
    expect(verdictOf({ samples: [both, other] }, full)).toMatchObject({ kind: 'ruled-out' });
  });

  it('never takes a missing counter for zero', () => {
    const empty = sample(100, 0, { netstat: read({}) });
    expect(verdictOf({ samples: [empty, empty] })).toMatchObject({
      kind: 'unknown',
      reason: { code: 'absent', what: 'TcpExt.ListenOverflows' },
    });
  });

  it('lets a rule decide what an absent sysctl means, and turns what blocks it into unknown', () => {
    const sysctl = (reading: Reading<unknown>) =>
      ({ samples: [sample(1, 0, { sysctls: read({ 'net.ipv4.tcp_tw_recycle': reading }) })] }) as const;
    expect(verdictOf(sysctl(absent('net.ipv4.tcp_tw_recycle')), recycle)).toMatchObject({ kind: 'ruled-out' });
    expect(verdictOf(sysctl(read(1)), recycle)).toMatchObject({ kind: 'found', severity: 'warn' });
    expect(verdictOf({ samples: [sample(1, 0), sample(6, 0)] }, recycle)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'not-collected' },
    });
  });

  it('puts an effect under its cause, worst first, and never in a circle', () => {
    const always = (id: string, severity: 'crit' | 'warn', explains: readonly string[]) =>
      defineDiagnosis({ id, area: 'ports', explains, judge: () => found(severity, {}) });
    const verdicts = judge([always('mild', 'warn', ['effect']), always('effect', 'crit', ['mild'])], {
      samples: [sample(1, 0)],
    });
    expect(verdicts).toMatchObject([
      { id: 'effect', causedBy: 'mild' },
      { id: 'mild', causedBy: null },
    ]);
  });

  it('uses the first sample where the second looked at only part of the table', () => {
    const usesSockets = defineDiagnosis({
      id: 's',
      area: 'ports',
      needs: ['sockets'],
      judge: ({ now }) => ruledOut({ of: fact(now.sockets.uncounted, 'sockets', 'sockets') }),
    });
    const whole = sample(1, 0, { sockets: read({ coverage: 'all', uncounted: 7 }) });
    const part = sample(6, 0, { sockets: read({ coverage: 'transient', uncounted: 0 }) });
    expect(verdictOf({ samples: [whole, part] }, usesSockets)).toMatchObject({ facts: { of: { value: 7 } } });
  });
});
