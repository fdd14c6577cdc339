import { describe, expect, it } from 'vitest';
import type { InboundPort } from '#evidence/sockets.ts';
import { isFull, synQueues } from './syn-queue.ts';

const NEW = { release: '6.1.0-18-amd64', maxSynBacklog: 128 };
const OLD = { release: '3.10.0-1160.el7.x86_64', maxSynBacklog: 512 };

function inbound(port: number, synRecv: number): InboundPort {
  return { port, total: synRecv, established: 0, timeWait: 0, synRecv, closeWait: 0, finWait2: 0 };
}

function listener(port: number, cap: number | null) {
  return { address: '*', port, waiting: 0, cap };
}

describe('synQueues', () => {
  it.each([
    ['the accept queue, whatever tcp_max_syn_backlog says', NEW, 16, 17],
    ['a power of two before 4.3', OLD, 128, 256],
    ['at least sixteen before 4.3', OLD, 5, 16],
    ['the smaller tcp_max_syn_backlog before 4.3', { ...OLD, maxSynBacklog: 64 }, 1024, 128],
  ])('are as long as %s', (_, kernel, cap, limit) => {
    expect(synQueues([inbound(80, 3)], [listener(80, cap)], kernel)).toEqual([{ port: 80, halfOpen: 3, limit }]);
  });

  it('put the fullest first and leave out ports without half-open connections', () => {
    const seen = synQueues(
      [inbound(80, 60), inbound(22, 0), inbound(81, 20)],
      [listener(80, 511), listener(81, 16)],
      NEW,
    );
    expect(seen.map(({ port }) => port)).toEqual([81, 80]);
  });

  it('add up over the sockets that share a port', () => {
    expect(synQueues([inbound(80, 3)], [listener(80, 64), listener(80, 64)], NEW)[0]?.limit).toBe(130);
    expect(synQueues([inbound(80, 3)], [listener(80, 64), listener(80, null)], NEW)[0]?.limit).toBeNull();
  });
});

describe('isFull', () => {
  it('takes a whole queue, not a few on a tiny backlog', () => {
    expect(isFull({ port: 80, halfOpen: 65, limit: 65 })).toBe(true);
    expect(isFull({ port: 80, halfOpen: 64, limit: 65 })).toBe(false);
    expect(isFull({ port: 80, halfOpen: 2, limit: 2 })).toBe(false);
    expect(isFull({ port: 80, halfOpen: 900, limit: null })).toBe(false);
  });
});
