import { connect, defineFault, nft, until } from '#lab/fault.ts';

/** Silence, not a refusal: what a firewall, a full queue or a lost route looks like to the one who connects. */
export const fault = defineFault({
  id: 'syn-retransmits-to-destination',
  title: '30 connections to one destination get no answer',
  steps: [
    nft('peer', 'filter hook prerouting priority raw', 'tcp dport 3306 drop'),
    connect('subject', { to: '{peer}', ports: '3306', count: 30, parallel: 30, eager: true }),
    until('subject', {
      see: 'sockets',
      filter: 'state syn-sent dport = :3306',
      like: /timer:\(on,[^,]+,[1-9]/,
      atLeast: 30,
    }),
  ],
  expects: { severity: 'crit' },
});
