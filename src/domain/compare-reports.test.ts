import { describe, expect, it } from 'vitest';
import { compareReports } from './compare-reports.ts';
import type { Report } from './report.ts';
import type { Severity, Verdict } from './verdict.ts';

const found = (id: string, severity: Severity): Verdict => ({ kind: 'found', id, severity, facts: {}, causedBy: null });
const ruledOut = (id: string): Verdict => ({ kind: 'ruled-out', id, facts: {} });
const unknown = (id: string): Verdict => ({ kind: 'unknown', id, reason: { code: 'absent', what: 'x' } });

function report(kernel: string | null, verdicts: readonly Verdict[]): Report {
  const startedAt = new Date('2026-11-27T03:00:00Z');
  return {
    host: 'web-01',
    hostKey: null,
    startedAt,
    interval: 5,
    samples: 2,
    kernel,
    distribution: null,
    verdicts,
    unreadable: [],
    interruption: null,
    drift: null,
  };
}

describe('compareReports', () => {
  it('tells what appeared, what is gone, and what got worse', () => {
    const then = report('6.1', [found('a', 'warn'), found('b', 'crit'), ruledOut('c')]);
    const now = report('6.1', [found('a', 'crit'), ruledOut('b'), found('c', 'info')]);
    expect(compareReports(then, now)).toEqual({
      since: then.startedAt,
      appeared: ['c'],
      gone: ['b'],
      changed: [{ id: 'a', from: 'warn', to: 'crit' }],
      unknownNow: [],
      kernel: null,
    });
  });

  it('does not call gone what could not be looked at', () => {
    const { gone, unknownNow } = compareReports(report('6.1', [found('a', 'crit')]), report('6.1', [unknown('a')]));
    expect({ gone, unknownNow }).toEqual({ gone: [], unknownNow: ['a'] });
  });

  it('names another kernel, and not one that is unknown', () => {
    expect(compareReports(report('6.1', []), report('6.6', [])).kernel).toEqual({ from: '6.1', to: '6.6' });
    expect(compareReports(report('6.1', []), report(null, [])).kernel).toBeNull();
  });
});
