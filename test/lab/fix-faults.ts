/** Faults that go on hurting while a fix is tried, so that what it does shows; where a client can tell, it counts. */
import {
  type ActorArgs,
  connect,
  defineFault,
  type Fault,
  halfOpenHandshakes,
  listen,
  nft,
  sysctl,
  until,
} from './fault.ts';
import { TALLY } from './observe.ts';

/** A small pool, and a connection more for every query: 200 local ports, 60 s of TIME_WAIT each, 100 closes a second. */
export const OUT_OF_PORTS = defineFault({
  id: 'ephemeral-port-exhaustion-per-destination',
  title: 'A shop opens 100 connections a second, and has 200 local ports',
  steps: [
    listen('peer', { ports: '3306' }),
    sysctl('subject', { 'net.ipv4.ip_local_port_range': '40000 40199', 'net.ipv4.tcp_tw_reuse': 0 }),
    connect('subject', { to: '{peer}', ports: '3306', count: 4, after: 'hold' }),
    // At its pace from the first on: ports that were all closed at once would be free again all at once, a minute later.
    connect('subject', { to: '{peer}', ports: '3306', every: 100, batch: 10, after: 'close', tally: TALLY }),
    until('subject', { see: 'sockets', filter: 'state time-wait dport = :3306', atLeast: 196 }),
  ],
  expects: { severity: 'crit' },
});

/** The service itself asks for a long queue: what drops the handshakes is tcp_max_syn_backlog alone. */
export const SILENT_DROPS = defineFault({
  id: 'syncookies-off-silent-drop',
  title: 'tcp_syncookies is 0, and of 4096 handshakes 49 may be half open',
  steps: [
    sysctl('subject', { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 64 }),
    listen('subject', { ports: '8080', backlog: 4096 }),
    ...halfOpenHandshakes('client', 'subject', '8080'),
  ],
  expects: { severity: 'crit' },
});

/** Every other ACK that ends a handshake is lost, and the next one a second later meets a queue that is full: 50 accepts a second, 100 arrivals. */
export const RESETS = defineFault({
  id: 'abort-on-overflow-enabled',
  title: 'A service that is too slow resets clients whose last ACK meets its full queue',
  steps: [
    sysctl('subject', { 'net.ipv4.tcp_abort_on_overflow': 1 }),
    listen('subject', { ports: '8080', backlog: 64, accept: 20 }),
    nft(
      'client',
      'filter hook output priority raw',
      'tcp dport 8080 tcp flags & (syn | ack | fin | rst | psh) == ack numgen random mod 2 == 0 drop',
    ),
    connect('client', { to: '{subject}', ports: '8080', every: 100, batch: 10, timeout: 3000 }),
  ],
  expects: { severity: 'warn' },
});

/** Half a minute instead of a whole one, so that the pile is as high as it gets before anybody is tired of waiting. */
export const ORPHANS = defineFault({
  id: 'fin-wait2-orphan-pileup',
  title: '20 closes a second towards a peer that never closes, and each is waited for 30 s',
  steps: [
    listen('peer', { ports: '3306', after: 'keep' }),
    sysctl('subject', { 'net.ipv4.tcp_max_tw_buckets': 1000, 'net.ipv4.tcp_fin_timeout': 30 }),
    connect('subject', { to: '{peer}', ports: '3306', every: 100, batch: 2, after: 'close' }),
  ],
  expects: { severity: 'warn' },
});

/** The same fault with clients that count. */
export function counted(fault: Fault): Fault {
  const args = (those: ActorArgs): ActorArgs => ({ ...those, tally: TALLY });
  const steps = fault.steps.map((step) =>
    step.kind === 'actor' && step.run === 'connect' ? { ...step, args: args(step.args) } : step,
  );
  return { ...fault, steps };
}
