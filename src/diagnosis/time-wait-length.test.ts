import { describe, expect, it } from 'vitest';
import { type Reading, read, unreadable } from '#domain/reading.ts';
import type { Sockets } from '#evidence/sockets.ts';
import type { Sockstat } from '#evidence/sockstat.ts';
import { measureTimeWait } from './time-wait-length.ts';

interface Case {
  readonly longest: readonly [before: number, after: number | null];
  readonly timeWait?: readonly [before: number, after: number];
  /** Growth of TW, the counter. */
  readonly counted?: number;
  readonly seconds?: number;
}

function changes({ longest, timeWait = [600, 600], counted = 50, seconds = 5 }: Case) {
  const table = (max: number | null, count: number) =>
    ({
      coverage: max === null ? 'transient' : 'all',
      states: { 'time-wait': count },
      timeWaitTimer: max === null ? null : { min: 0, max },
    }) as Sockets;
  const [before, after] = timeWait;
  const change = <T>(first: T, second: T) => read({ before: first, after: second, seconds });
  return {
    sockets: change(table(longest[0], before), table(longest[1], after)),
    sockstat: change({ timeWait: before } as Sockstat, { timeWait: after } as Sockstat),
    'counter:TcpExt.TW': change(1000, 1000 + counted) as Reading<{ before: number; after: number; seconds: number }>,
    'counter:TcpExt.TWKilled': change(0, 0),
  };
}

describe('measureTimeWait', () => {
  it.each<[string, Case, readonly [number, number]]>([
    ['takes the longest timer, and the interval for what it may have missed', { longest: [59.9, 59.8] }, [59.9, 64.8]],
    ['measures a short wait', { longest: [4.9, 4.8], timeWait: [50, 55] }, [4.9, 9.8]],
    [
      'bears a single reading out by the rate',
      { longest: [14.9, null], timeWait: [30000, 30100], counted: 10000 },
      [14.9, 19.9],
    ],
  ])('%s', (_, given, [atLeast, atMost]) => {
    const length = measureTimeWait(changes(given));
    expect(length).toMatchObject({ kind: 'measured', atLeast });
    expect(length.kind === 'measured' && length.atMost).toBeCloseTo(atMost);
  });

  it.each<[string, Case]>([
    ['timers that only run down', { longest: [40, 35] }],
    ['few sockets', { longest: [60, 60], timeWait: [49, 49] }],
    ['few new sockets', { longest: [60, 60], counted: 19 }],
    [
      'ended sockets that the counter of an older kernel counts',
      { longest: [30, null], timeWait: [3000, 2500], counted: 500 },
    ],
    ['a rate that disagrees with the longest timer', { longest: [20, null], timeWait: [30000, 30000], counted: 2500 }],
  ])('does not measure by %s', (_, given) => expect(measureTimeWait(changes(given)).kind).toBe('blocked'));

  it('hands back the reading it lacks', () => {
    const by = unreadable('needs-second-sample', 'sockets');
    expect(measureTimeWait({ ...changes({ longest: [60, 60] }), sockets: by })).toEqual({ kind: 'blocked', by });
  });
});
