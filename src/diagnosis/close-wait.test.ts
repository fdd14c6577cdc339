import { describe, expect, it } from 'vitest';
import { closeWait } from '#diagnosis/close-wait.ts';
import { absent, read } from '#domain/reading.ts';
import type { Sockets } from '#evidence/sockets.ts';

const GROUP = { listeningPort: 80, peer: '10.0.0.9', peerPort: null, sockets: 60, unread: 0, unaccepted: 10 };

function sockets(total: number): Sockets {
  return { states: { 'close-wait': total }, closeWait: [GROUP, GROUP] } as unknown as Sockets;
}

function waiting(count: number, omitted = 0) {
  return read({ via: 'ss' as const, listeners: [{ address: '*', port: 80, waiting: count, cap: 128 }], omitted });
}

describe('closeWait', () => {
  it('knows exactly what was never accepted when every group is listed', () =>
    expect(closeWait(sockets(120), waiting(500))).toEqual({ total: 120, unaccepted: { seen: 20, most: 20 } }));

  it('lets unlisted ones be unaccepted as far as the accept queues go', () =>
    expect(closeWait(sockets(200), waiting(50)).unaccepted).toEqual({ seen: 20, most: 50 }));

  it.each([
    ['no listener was read', absent('listeners')],
    ['some listeners were left out', waiting(0, 3)],
  ])('takes every unlisted one for possibly unaccepted when %s', (_, listeners) =>
    expect(closeWait(sockets(200), listeners).unaccepted.most).toBe(100),
  );
});
