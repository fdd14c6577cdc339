import { describe, expect, it } from 'vitest';
import { absent, type Reading, read, unreadable } from '#domain/reading.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { Destination } from '#evidence/sockets.ts';
import { busiestDestination } from './port-use.ts';
import type { ReuseReadings } from './time-wait-reuse.ts';

const NO_SECOND_SAMPLE = unreadable('needs-second-sample', 'counter:TcpExt.TWRecycled');

function readings(setting: number, recycled: Reading<number> = NO_SECOND_SAMPLE): ReuseReadings {
  return {
    maybe: {
      host: read({ kernel: '6.1.0' } as HostFacts),
      'peer-timestamps': read({ destinations: [] }),
      'sysctl:net.ipv4.tcp_timestamps': read(1),
      'sysctl:net.ipv4.tcp_tw_reuse': read(setting),
      'sysctl:net.ipv4.tcp_tw_reuse_delay': absent('x'),
    },
    maybeChange: {
      'counter:TcpExt.TWRecycled':
        recycled.kind === 'read' ? read({ before: 0, after: recycled.value, seconds: 5 }) : recycled,
    },
  };
}

function towards(destination: string, inRange: number, timeWait: number, timeWaitYoung = 0): Destination {
  return { destination, port: 80, inRange, timeWait, timeWaitYoung } as Destination;
}

describe('busiestDestination', () => {
  it('takes the one with most ports, not most sockets over all', () => {
    const busiest = busiestDestination([towards('a', 10, 0), towards('b', 30, 0)], 100, readings(0));
    expect(busiest).toMatchObject({ use: { destination: { destination: 'b' }, used: 30, reusable: 0 } });
  });

  it('leaves out TIME_WAIT ports that can be taken over, but not those closed within the last second', () => {
    const busiest = busiestDestination([towards('a', 900, 800, 200)], 100, readings(1, read(5)));
    expect(busiest).toMatchObject({ use: { used: 120, reusable: 780 } });
  });

  it('waits for the reading that tells, only where it matters', () => {
    expect(busiestDestination([towards('a', 99, 99)], 100, readings(1)).kind).toBe('busiest');
    expect(busiestDestination([towards('a', 100, 99)], 100, readings(1))).toEqual({
      kind: 'blocked',
      by: NO_SECOND_SAMPLE,
    });
  });

  it('does not wait when another destination is past the threshold for certain', () => {
    const outbound = [towards('a', 300, 300), towards('127.0.0.1', 150, 0)];
    expect(busiestDestination(outbound, 100, readings(1))).toMatchObject({ use: { used: 150 } });
  });
});
