import { connect, defineFault, ip, listen, nft, type Step, sysctl, until } from '#lab/fault.ts';

const id = 'keepalive-vs-nat-idle-timeout';

/** From a private to a public address, as through a NAT; 203.0.113.0/24 is for documentation (RFC 5737). */
const POOL: readonly Step[] = [
  ip('peer', 'addr add 203.0.113.10/32 dev lo'),
  ip('subject', 'route add 203.0.113.10 via {peer} proto static'),
  listen('peer', { ports: '3306' }),
];

const idle = defineFault({
  id,
  variant: 'idle',
  title: '50 idle connections to a public address, none with keepalive',
  steps: [...POOL, connect('subject', { to: '203.0.113.10', ports: '3306', count: 50, after: 'hold' })],
  expects: { severity: 'info' },
});

/** The path has forgotten them: every 400 ms one more is used after its rest, gets no answer and is given up. */
const forgotten = defineFault({
  id,
  variant: 'forgotten',
  title: 'A pool of 300 connections without keepalive is being given up, one by one',
  steps: [
    ...POOL,
    sysctl('subject', { 'net.ipv4.tcp_retries2': 1 }),
    connect('subject', {
      to: '203.0.113.10',
      ports: '3306',
      count: 300,
      after: 'hold',
      speakEvery: 400,
      speakAfter: 500,
    }),
    nft('peer', 'filter hook prerouting priority raw', 'tcp dport 3306 drop'),
    until('subject', { see: 'counter', name: 'TcpExt.TCPAbortOnTimeout', atLeast: 1 }),
  ],
  expects: { severity: 'warn' },
});

export const faults = [idle, forgotten];
