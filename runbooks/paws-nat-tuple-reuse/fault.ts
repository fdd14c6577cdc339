import { behindNat, connect, defineFault, listen, sysctl, until } from '#lab/fault.ts';

/**
 * Two clients share the gateway's address and use the same source ports in turn. The second one's timestamps count its
 * uptime only, so for about half of the ports they look older than what the server's TIME_WAIT remembers; with
 * tcp_rfc1337=1 the server does not let the TIME_WAIT go.
 */
export const fault = defineFault({
  id: 'paws-nat-tuple-reuse',
  title: 'Clients behind one address reuse a port with older timestamps and are ignored',
  steps: [
    ...behindNat(['client', 'peer'], 'gateway', 'subject', 'masquerade'),
    sysctl('gateway', { 'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 1 }),
    sysctl('peer', { 'net.ipv4.tcp_timestamps': 2 }),
    sysctl('subject', { 'net.ipv4.tcp_rfc1337': 1 }),
    listen('subject', { ports: '8080', after: 'close' }),
    connect('client', { to: '10.79.0.1', ports: '8080', fromPort: 20_001, count: 24, after: 'wait' }),
    // The gateway gives the ports to the next client.
    until('gateway', { see: 'untracked', port: 8080 }),
    connect('peer', {
      to: '10.79.0.1',
      ports: '8080',
      fromPort: 20_001,
      count: 24,
      after: 'wait',
      eager: true,
      every: 4000,
      batch: 24,
      timeout: 3500,
    }),
    until('peer', {
      see: 'sockets',
      filter: 'state syn-sent dport = :8080',
      like: /timer:\(on,[^,]+,[1-9]/,
      atLeast: 1,
    }),
  ],
  expects: { severity: 'crit' },
});
