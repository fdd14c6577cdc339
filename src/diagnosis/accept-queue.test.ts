import { describe, expect, it } from 'vitest';
import { read, unreadable } from '#domain/reading.ts';
import {
  fullLooks,
  halfFullLooks,
  keepsUp,
  limiterOf,
  listenerName,
  peak,
  type SeenQueue,
  seenQueues,
} from './accept-queue.ts';

const NOT_LOOKED = unreadable('not-collected', 'accept-queues');

function queue(cap: number | null, ...waiting: number[]): SeenQueue {
  return { address: '*', port: 80, cap, waiting, sockets: 1 };
}

function listener(port: number, waiting: number, cap: number | null) {
  return { address: '*', port, waiting, cap };
}

describe('seenQueues', () => {
  it('takes the one look there is before accept queues were looked at each second', () => {
    const [first] = seenQueues(
      { via: 'ss', listeners: [listener(22, 0, 128), listener(80, 6, 5)], omitted: 0 },
      NOT_LOOKED,
    );
    expect(first).toEqual({ address: '*', port: 80, cap: 5, waiting: [6], sockets: 1 });
  });

  it('adds the newest listing to the looks, and zeros for a queue that was always empty', () => {
    const looked = read({ looks: 2, queues: [{ address: '*', port: 80, cap: 5, waiting: [6, 5] }] });
    const seen = seenQueues({ via: 'ss', listeners: [listener(22, 0, 128), listener(80, 4, 5)], omitted: 0 }, looked);
    expect(seen.map(({ waiting }) => waiting)).toEqual([
      [6, 5, 4],
      [0, 0, 0],
    ]);
  });

  it('lets the fullest of sockets that share a port speak, but not for one with another cap', () => {
    const sharing = [listener(80, 3, 5), listener(80, 6, 5), listener(80, 200, 511)];
    const seen = seenQueues({ via: 'ss', listeners: sharing, omitted: 0 }, NOT_LOOKED);
    expect(seen.map(({ cap, waiting, sockets }) => ({ cap, waiting, sockets }))).toEqual([
      { cap: 5, waiting: [6], sockets: 2 },
      { cap: 511, waiting: [200], sockets: 1 },
    ]);
  });

  it('finds the looks of a listener whose cap only the looks show', () => {
    const looked = read({ looks: 1, queues: [{ address: '*', port: 80, cap: 0, waiting: [3] }] });
    expect(seenQueues({ via: 'ss', listeners: [listener(80, 2, null)], omitted: 0 }, looked)[0]?.waiting).toEqual([
      3, 2,
    ]);
  });
});

describe('looks', () => {
  it('are full above the cap only, since the queue holds one more', () => {
    expect(fullLooks(queue(5, 5, 6, 6))).toBe(2);
    expect(halfFullLooks(queue(5, 2, 3, 6))).toBe(2);
  });

  it('do not count one connection that is being accepted', () => {
    expect(fullLooks(queue(0, 1, 1, 1))).toBe(0);
    expect(peak(queue(0, 1, 0))).toBe(1);
  });

  it('are never full where the cap is not known', () => {
    expect(fullLooks(queue(null, 900))).toBe(0);
  });
});

describe('keepsUp', () => {
  it.each([
    ['empty at one look', queue(128, 9, 0, 9), 10, true],
    ['never empty', queue(128, 9, 9, 9), 10, false],
    ['never empty, rate not known', queue(4096, 3, 2, 3), null, false],
    ['some waiting for a millisecond on a busy listener', queue(4096, 3, 9, 2, 4), 9000, true],
    ['never shorter although others accept a lot', queue(4096, 3, 9, 9, 12), 9000, false],
    ['too few looks', queue(128, 9, 9), 10, null],
  ])('%s', (_, seen, accepted, expected) => {
    expect(keepsUp(seen, accepted)).toBe(expected);
  });
});

describe('limiterOf', () => {
  it.each([
    [511, 4096, 'application'],
    [4096, 4096, 'somaxconn'],
    // somaxconn was lowered after listen().
    [4096, 128, 'somaxconn'],
    [null, 128, null],
  ])('cap %s with somaxconn %s', (cap, somaxconn, expected) => {
    expect(limiterOf(queue(cap), somaxconn)).toBe(expected);
  });
});

it('brackets IPv6 addresses', () => {
  expect(listenerName({ address: '::1', port: 80 })).toBe('[::1]:80');
  expect(listenerName({ address: '*', port: 80 })).toBe('*:80');
});
