import { describe, expect, it } from 'vitest';
import { absent, type Reading, read, unreadable } from '#domain/reading.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { PeerTimestamps } from '#evidence/peer-timestamps.ts';
import { type ReuseReadings, timeWaitReuse } from './time-wait-reuse.ts';

const PEER = { destination: '10.0.0.5', port: 3306 };
const NO_SECOND_SAMPLE = unreadable('needs-second-sample', 'counter:TcpExt.TWRecycled');

interface Case {
  readonly setting?: Reading<number>;
  readonly own?: number;
  readonly peer?: readonly [sockets: number, withTimestamps: number];
  readonly recycled?: number;
  readonly kernel?: string;
  readonly delay?: number;
}

function readings({ setting = read(1), own = 1, peer, recycled, kernel = '6.1.0', delay }: Case): ReuseReadings {
  const [sockets = 0, withTimestamps = 0] = peer ?? [];
  const destinations: PeerTimestamps['destinations'] = peer ? [{ ...PEER, sockets, withTimestamps }] : [];
  return {
    maybe: {
      host: read({ kernel } as HostFacts),
      'peer-timestamps': read({ destinations }),
      'sysctl:net.ipv4.tcp_timestamps': read(own),
      'sysctl:net.ipv4.tcp_tw_reuse': setting,
      'sysctl:net.ipv4.tcp_tw_reuse_delay': delay === undefined ? absent('tcp_tw_reuse_delay') : read(delay),
    },
    maybeChange: {
      'counter:TcpExt.TWRecycled':
        recycled === undefined ? NO_SECOND_SAMPLE : read({ before: 7, after: 7 + recycled, seconds: 5 }),
    },
  };
}

describe('timeWaitReuse', () => {
  it.each<[string, Case, string]>([
    ['is off at 0', { setting: read(0), recycled: 9 }, 'off'],
    ['is off for another host at 2', { setting: read(2), recycled: 9 }, 'off'],
    ['takes 2 for switched on before 4.18', { setting: read(2), recycled: 9, kernel: '4.15.0' }, 'works'],
    ['is off where the kernel hides the file', { setting: absent('tcp_tw_reuse') }, 'off'],
    ['needs timestamps here', { own: 0, recycled: 9 }, 'no-timestamps'],
    ['needs timestamps there', { peer: [10, 0], recycled: 9 }, 'no-timestamps'],
    ['works when live connections carry timestamps', { peer: [10, 10] }, 'works'],
    ['works when ports were taken over', { recycled: 9 }, 'works'],
    ['does not guess without the second sample', {}, 'unproven'],
    ['does not guess when the setting cannot be read', { setting: unreadable('no-permission', 'x') }, 'unproven'],
    ['says when nothing was taken over', { recycled: 0 }, 'not-seen'],
  ])('%s', (_, given, kind) => expect(timeWaitReuse(PEER, readings(given)).kind).toBe(kind));

  it('works on loopback at 2', () =>
    expect(timeWaitReuse({ destination: '127.0.0.1', port: 1 }, readings({ setting: read(2) })).kind).toBe('works'));

  it.each<[Case, number]>([
    [{ delay: 200 }, 0.2],
    [{}, 1],
    [{ kernel: '3.10.0-1160.el7.x86_64' }, 2],
  ])('%j frees a port after %d s', (given, afterSeconds) =>
    expect(timeWaitReuse(PEER, readings({ ...given, recycled: 1 }))).toEqual({ kind: 'works', afterSeconds }),
  );
});
