import { describe, expect, it } from 'vitest';
import { absent, read } from '#domain/reading.ts';
import type { Sockets } from '#evidence/sockets.ts';
import { type WalkGiven, walkFrom } from './accept-walk.ts';

const listener = (port: number, cap: number, waiting: number) => ({ address: '0.0.0.0', port, cap, waiting });
const inbound = (port: number, total: number) => ({ port, total });

/** Two listeners of a host whose kernel has counted overflows: sshd, and a service with a queue of 8. */
function given(sshWaiting: number, serviceWaiting: number): WalkGiven {
  const sockets = { inbound: [inbound(22, 1), inbound(8080, 10)] } as unknown as Sockets;
  const counted = { before: 0, after: 20, seconds: 2 };
  return {
    now: {
      listeners: { listeners: [listener(22, 128, sshWaiting), listener(8080, 8, serviceWaiting)] },
      'sysctl:net.core.somaxconn': 8,
    },
    maybe: { 'accept-queues': absent('accept-queues'), processes: absent('processes'), sockets: read(sockets) },
    maybeChange: {
      'counter:TcpExt.ListenOverflows': read(counted),
      'counter:Tcp.PassiveOpens': read(counted),
      host: absent('host'),
    },
  } as unknown as WalkGiven;
}

describe('who is blamed for overflows', () => {
  it('is the fullest queue that was seen', () => {
    expect(walkFrom(given(0, 9)).blamed?.port).toBe(8080);
    expect(walkFrom(given(100, 0)).blamed?.port).toBe(22);
  });

  it('is not a listener that was just accepting one connection', () => {
    expect(walkFrom(given(1, 0)).blamed?.port).toBe(8080);
  });
});
