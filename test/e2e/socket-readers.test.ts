/** The readers of the socket table must tell the same of the same live sockets. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Reading } from '#domain/reading.ts';
import { parseAcceptQueues } from '#evidence/accept-queues.ts';
import { sentText } from '#evidence/fragment.ts';
import { parseListeners } from '#evidence/listeners.ts';
import { socketTable } from '#evidence/socket-table.ts';
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

/** The first reader is the one there is most often; each of the others is found where those before it fail or are not there. */
const NONE = 'exit 1';
const hide = (programs: Readonly<Record<string, string>>) =>
  Object.entries(programs)
    .map(([name, body]) => `printf '#!/bin/sh\\n%s\\n' '${body}' >/tmp/bin/${name}; chmod 755 /tmp/bin/${name}`)
    .join('\n');
const WITHOUT_SOCK_DIAG = { perl: NONE, python3: NONE };
const NO_TABLE = 'mkdir -p /tmp/net && cp /proc/net/sockstat* /tmp/net && export PROC_NET=/tmp/net';

it.each([
  ['sock_diag by python3', hide({ perl: NONE }), 'via sock_diag'],
  ['/proc/net/tcp by mawk', hide(WITHOUT_SOCK_DIAG), 'via ss'],
  ['/proc/net/tcp by gawk', hide({ ...WITHOUT_SOCK_DIAG, mawk: 'exec gawk "$@"' }), 'via ss'],
  ['/proc/net/tcp by busybox', hide({ ...WITHOUT_SOCK_DIAG, mawk: 'exec busybox awk "$@"' }), 'via ss'],
  ['ss', `${hide(WITHOUT_SOCK_DIAG)}\n${NO_TABLE}`, 'via ss'],
])('%s shows the same sockets as sock_diag by perl', async (_, preparation, via) => {
  const expected = await readAfter('true');
  expect(expected.sockets.states).toMatchObject({ 'close-wait': 200, 'syn-sent': 30 });
  expect(expected.sockets.states['time-wait']).toBeGreaterThan(100);
  const { sockets, listeners, acceptQueues, text } = await readAfter(preparation);
  expect(text).toContain(via);
  expect(withoutTimes(sockets)).toEqual(withoutTimes(expected.sockets));
  expect(listeners).toEqual(expected.listeners);
  expect(acceptQueues).toEqual(expected.acceptQueues);
});

/** Both calls of the probe, as the collector makes them: the first shows all sockets, the second looks at the queues. */
async function readAfter(preparation: string) {
  const { status, stdout, stderr } = await lab.exec('web-01', [
    'sh',
    '-c',
    [
      'rm -rf /tmp/bin && mkdir /tmp/bin && PATH=/tmp/bin:$PATH',
      preparation,
      'export BOUNDARY=- MACHINE=$(uname -m) INTERVAL=1 SAMPLE=1 TIMEOUT="timeout -k 2" SECONDS_EACH=10 LC_ALL=C',
      sentText('src/host/collector-common.sh'),
      `table() {\n${socketTable.script}\n}`,
      'table; SAMPLE=2; table',
    ].join('\n'),
  ]);
  const section = <T>(sample: number, name: string, parse: (text: string) => Reading<T>): T => {
    const text = new RegExp(`^- begin ${sample} ${name}\\n(.*?)^- end ${sample} ${name} 0$`, 'ms').exec(stdout)?.[1];
    const reading = parse(text ?? '');
    if (reading.kind !== 'read') throw new Error(`exit status ${status}: ${reading.reason.what} ${stderr}`);
    return reading.value;
  };
  return {
    sockets: section(1, 'sockets', parseSockets),
    listeners: section(1, 'listeners', parseListeners),
    acceptQueues: section(2, 'accept-queues', parseAcceptQueues),
    text: stdout,
  };
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
