/** The three readers of the socket table must tell the same of the same live sockets. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sentText } from '#evidence/fragment.ts';
import { parseSockets, type Sockets } from '#evidence/sockets.ts';
import { findFault } from '#lab/fault-catalogue.ts';
import { type Lab, openLab } from '#lab/lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await openLab({ name: `t${process.pid.toString(36)}r`, hosts: 4 });
  // TIME_WAIT out, CLOSE_WAIT in, and half-open on one host.
  await lab.provoke(await findFault('ephemeral-port-exhaustion-per-destination/warn'), 'web-01', ['db-01']);
  await lab.provoke(await findFault('close-wait-leak'), 'web-01', ['api-01']);
  await lab.provoke(await findFault('syn-retransmits-to-destination'), 'web-01', ['lb-01']);
});
afterAll(() => lab?.close());

const NO_PERL =
  'mkdir -p /tmp/bin && printf "#!/bin/sh\\nexit 1\\n" >/tmp/bin/perl && chmod 755 /tmp/bin/perl && PATH=/tmp/bin:$PATH';
const NO_TABLE = 'mkdir -p /tmp/net && cp /proc/net/sockstat* /tmp/net && export PROC_NET=/tmp/net';

it.each([
  ['/proc/net/tcp', NO_PERL],
  ['ss', `${NO_PERL}; ${NO_TABLE}`],
])('%s shows the same sockets as sock_diag', async (_, preparation) => {
  const expected = await readAfter('true');
  expect(expected.states).toMatchObject({ 'close-wait': 200, 'syn-sent': 30 });
  expect(expected.states['time-wait']).toBeGreaterThan(100);
  expect(withoutTimes(await readAfter(preparation))).toEqual(withoutTimes(expected));
});

async function readAfter(preparation: string): Promise<Sockets> {
  const { status, stdout, stderr } = await lab.exec('web-01', [
    'sh',
    '-c',
    `${preparation}\nexport SAMPLE=1\n${sentText('src/evidence/sockets.sh')}`,
  ]);
  const reading = parseSockets(stdout);
  if (reading.kind !== 'read') throw new Error(`exit status ${status}: ${reading.reason.what} ${stderr}`);
  return reading.value;
}

/** Timers run on between two readings, and groups of one size come in any order. */
function withoutTimes({ timeWaitTimer: _, ...value }: Sockets) {
  const byText = (list: readonly object[]) => list.map((item) => JSON.stringify(item)).sort();
  return {
    ...value,
    inbound: byText(value.inbound),
    outbound: byText(
      value.outbound.map((one) => ({ ...one, timeWaitYoung: 0, timeWaitOld: 0, synSentRetransmitted: 0 })),
    ),
    sources: byText(value.sources),
    closeWait: byText(value.closeWait),
  };
}
