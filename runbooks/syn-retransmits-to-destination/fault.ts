import { connect, defineFault, nft } from '#lab/fault.ts';

/** Silence, not a refusal: what a firewall, a full queue or a lost route looks like to the one who connects. */
export const fault = defineFault({
  id: 'syn-retransmits-to-destination',
  title: '30 connections to one destination get no answer',
  steps: [
    nft('peer', 'filter hook prerouting priority raw', 'tcp dport 3306 drop'),
    connect('subject', { to: '{peer}', ports: '3306', count: 30, parallel: 30, eager: true, settle: 1400 }),
  ],
  expects: { severity: 'crit' },
});
