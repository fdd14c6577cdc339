import { connect, defineFault, listen, sysctl } from '#lab/fault.ts';

/** bind() to the source address takes a port for every destination at once; spread over four, each looks half empty. */
export const fault = defineFault({
  id: 'bind-before-connect-port-exhaustion',
  title: '96 of 100 local ports were bound before connecting',
  steps: [
    listen('peer', { ports: '9901,9902,9903,9904' }),
    sysctl('subject', { 'net.ipv4.ip_local_port_range': '40000 40099' }),
    connect('subject', {
      to: '{peer}',
      ports: '9901,9902,9903,9904',
      from: '{subject}',
      count: 96,
      after: 'hold',
      keepAlive: 60,
    }),
  ],
  expects: { severity: 'crit' },
});
