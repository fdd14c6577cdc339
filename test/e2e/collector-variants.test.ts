/**
 * One quiet host, read with other shells, awks, programs and rights: what the collector reads is the same, except for exactly what
 * it cannot have there. And what a host does to it that means no good.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { absent, unreadable } from '#domain/reading.ts';
import type { AcceptQueues } from '#evidence/accept-queues.ts';
import type { Counters } from '#evidence/counters.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { Limits } from '#evidence/limits.ts';
import type { Listeners } from '#evidence/listeners.ts';
import type { PeerTimestamps } from '#evidence/peer-timestamps.ts';
import type { Processes } from '#evidence/processes.ts';
import type { Sockets } from '#evidence/sockets.ts';
import type { Sockstat } from '#evidence/sockstat.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { collect, type Readings, type Setting } from './collector-on-host.ts';

const PYTHON = ['python3', 'python', 'python3.9', 'python3.10', 'python3.11', 'python3.12', 'python3.13', 'python3.14'];
/** What any host has. */
const BARE =
  'sh cat grep sed sort head tail uname id readlink ls wc sleep renice find paste cut tr printf stat dmesg pgrep env'.split(
    ' ',
  );

let lab: Lab;
let reference: readonly Readings[];

beforeAll(async () => {
  lab = await openLab({ name: `q${process.pid.toString(36)}`, hosts: 2 });
  const [web, db] = lab.hosts.map(({ address }) => address) as [string, string];
  await Promise.all([
    // 20 connections that the service forgets to close; 3 that it does not accept; one port in another network.
    lab.actor('web-01', 'listen', { ports: '8080', after: 'keep' }),
    lab.actor('web-01', 'listen', { ports: '8081', accept: 'never', backlog: 7 }),
    lab.actor('db-01', 'listen', { ports: '3306' }),
    lab.exec('web-01', ['sh', '-c', 'echo net.core.somaxconn = 512 >/etc/sysctl.d/10-shop.conf']),
    lab.exec('web-01', ['sh', '-c', IN_ANOTHER_NETWORK]),
  ]);
  await Promise.all([
    lab.actor('db-01', 'connect', { to: web, ports: '8080', count: 20, after: 'close' }),
    lab.actor('db-01', 'connect', { to: web, ports: '8081', count: 3 }),
    lab.actor('web-01', 'connect', { to: db, ports: '3306', count: 12, keepAlive: 600 }),
    lab.actor('web-01', 'connect', { to: db, ports: '3306', count: 5, after: 'close' }),
  ]);
  await lab.until('web-01', { see: 'sockets', filter: 'state close-wait', like: /ino:[1-9]/, atLeast: 20 });
  await lab.until('web-01', { see: 'queue', port: 8081, atLeast: 3 });
  reference = await read({});
});
afterAll(() => lab?.close());

const IN_ANOTHER_NETWORK = `unshare -n /opt/lab/node -e 'require("net").createServer().listen(8090, () => console.log())' >/tmp/there 2>&1 </dev/null &
  until [ -s /tmp/there ]; do sleep 0.05; done`;

/** Standing where the machine's own log would tell of other labs. */
const DMESG = { dmesg: "echo '[   20.5] TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.'" };

async function read(setting: Setting): Promise<readonly Readings[]> {
  const { samples, complete, stderr, status } = await collect(lab, 'web-01', {
    ...setting,
    instead: { ...DMESG, ...setting.instead },
  });
  expect({ complete, stderr, status }).toEqual({ complete: 2, stderr: '', status: 0 });
  return samples.map(still);
}

type Values = {
  host: HostFacts;
  netstat: Counters;
  snmp: Counters;
  sockstat: Sockstat;
  sockets: Sockets;
  listeners: Listeners;
  limits: Limits;
  processes: Processes;
  'accept-queues': AcceptQueues;
  'peer-timestamps': PeerTimestamps;
};

/** Changes the value of one reading, where there is one. */
function within<K extends keyof Values>(readings: Readings, name: K, change: (value: Values[K]) => object): Readings {
  const reading = readings[name];
  if (reading?.kind !== 'read') return readings;
  return {
    ...readings,
    [name]: { ...reading, value: { ...(reading.value as object), ...change(reading.value as Values[K]) } },
  };
}

/** Without what moves by itself while a host is quiet, or what all hosts of a kernel share. */
function still(readings: Readings): Readings {
  const names = (counters: Counters) => Object.fromEntries(Object.keys(counters).map((name) => [name, 0]));
  let quiet = within(readings, 'host', () => ({ uptime: 0 }));
  quiet = within(quiet, 'netstat', names);
  quiet = within(quiet, 'snmp', names);
  // Unix sockets and those of sudo are counted too; the rest is the whole kernel's.
  quiet = within(quiet, 'sockstat', () => ({ used: 0, orphans: 0, allocated: 0, memoryPages: 0 }));
  quiet = within(quiet, 'limits', ({ files }) => ({ threads: 0, files: { ...files, open: 0 }, cgroupPids: null }));
  quiet = within(quiet, 'sockets', ({ outbound }) => ({
    timeWaitTimer: null,
    outbound: outbound.map((row) => ({ ...row, timeWaitYoung: 0, timeWaitOld: 0 })),
  }));
  // The collectors that run beside this one are root's.
  return within(quiet, 'processes', ({ userThreads: { '0': _, ...userThreads } }) => ({ userThreads }));
}

describe('the reference', () => {
  it('has everything there is to be read', () => {
    const [first, second] = reference;
    expect(Object.values({ ...first, ...second }).filter(({ kind }) => kind !== 'read')).toEqual([
      absent('/usr/local/sbin/tcp-oncall-helper'),
    ]);
    expect(first).toMatchObject({
      sockets: { value: { states: { 'close-wait': 20, established: 15, 'time-wait': 5 } } },
      listeners: { value: { via: 'ss' } },
      'peer-timestamps': { value: { destinations: [{ port: 3306, sockets: 12, withTimestamps: 12 }] } },
    });
    expect(second).toMatchObject({
      'accept-queues': { value: { looks: 1, queues: [{ port: 8081, cap: 7, waiting: [3] }] } },
      processes: {
        value: {
          seen: 'all',
          otherNamespaces: [{ listeningPorts: [8090] }],
          ownerless: { ports: [], closeWait: 0 },
        },
      },
    });
    const { processes } = valueIn(second, 'processes');
    expect(processes.map(({ name, listeningPorts, closeWait }) => ({ name, listeningPorts, closeWait }))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ listeningPorts: [8080], closeWait: 20 }),
        expect.objectContaining({ listeningPorts: [8081], closeWait: 0 }),
        expect.objectContaining({ name: 'sshd', listeningPorts: [22] }),
      ]),
    );
  });
});

function valueIn<K extends keyof Values>(readings: Readings | undefined, name: K): Values[K] {
  const reading = readings?.[name];
  if (reading?.kind !== 'read') throw new Error(`${name}: ${JSON.stringify(reading)}`);
  return reading.value as Values[K];
}

type Change = (readings: Readings) => Readings;

/** The queue's cap is not in /proc, and the rules hear why. */
const withoutCaps: Change = (readings) => {
  const blind = within(readings, 'listeners', ({ listeners }) => ({
    via: 'proc',
    listeners: listeners.map((listener) => ({ ...listener, cap: null })),
  }));
  return within(blind, 'accept-queues', ({ queues }) => ({ queues: queues.map((queue) => ({ ...queue, cap: null })) }));
};

const withoutSs: Change = (readings) =>
  'peer-timestamps' in readings ? { ...readings, 'peer-timestamps': unreadable('no-command', 'ss') } : readings;

/** Whose descriptors may not be seen owns nothing. */
const ownProcesses: Change = (readings) =>
  within(readings, 'processes', ({ processes }) => ({
    seen: 'own',
    processes: [],
    userThreads: {},
    otherNamespaces: [],
    ownerless: {
      ports: processes.flatMap(({ listeningPorts }) => listeningPorts).sort((a, b) => a - b),
      closeWait: processes.reduce((all, { closeWait }) => all + closeWait, 0),
    },
  }));

const OLD_TIMEOUT = '[ "$1" != -k ] || exit 125; exec /usr/bin/timeout "$@"';
const OLDER_TIMEOUT = '[ "$1" != -k ] || exit 1; [ "$1" = -t ] || exit 127; shift; exec /usr/bin/timeout "$@"';
const NO_READER = ['perl', ...PYTHON];

const VARIANTS: readonly (readonly [name: string, setting: Setting, changes?: readonly Change[]])[] = [
  ['dash with gawk', { awk: 'gawk' }],
  ['dash with busybox awk', { awk: 'busybox' }],
  ['bash with mawk', { shell: 'bash' }],
  ['bash with gawk', { shell: 'bash', awk: 'gawk' }],
  ['busybox with mawk', { shell: 'busybox' }],
  ['no perl', { without: ['perl'] }],
  ['no perl, no python3', { without: NO_READER }],
  ['no perl, no python3, with gawk', { without: NO_READER, awk: 'gawk' }],
  ['no ss', { without: ['ss'] }, [withoutSs]],
  ['no ss, no perl', { without: ['ss', 'perl'] }, [withoutSs]],
  ['no ss, no perl, no python3', { without: ['ss', ...NO_READER] }, [withoutSs, withoutCaps]],
  ['no timeout', { without: ['timeout'] }],
  ['a timeout of before it had -k', { instead: { timeout: OLD_TIMEOUT } }],
  ['a timeout of an old busybox', { without: ['perl'], instead: { timeout: OLDER_TIMEOUT } }],
  [
    'an old timeout, and no reader that works',
    { without: ['python3'], instead: { timeout: OLD_TIMEOUT, perl: 'exit 1' } },
  ],
  ['no nsenter', { without: ['nsenter'] }],
  ['no stat', { without: ['stat'] }],
  ['hardly any program', { only: BARE }, [withoutSs, withoutCaps]],
  // Its timeout leaves a watcher behind: who waits for that one is not done in time.
  ['busybox and nothing else', { only: [], shell: 'busybox', awk: 'busybox', limit: 200 }, [withoutSs, withoutCaps]],
  ['an account that may use sudo', { user: 'ops' }],
  ['an account that may use sudo, with busybox', { user: 'ops', shell: 'busybox', awk: 'busybox' }],
  ['an account without sudo', { user: 'ops', without: ['sudo'] }, [ownProcesses]],
  ['an account that may not use sudo', { user: 'guest' }, [ownProcesses]],
  [
    'an account that may not use sudo, with bash and gawk',
    { user: 'guest', shell: 'bash', awk: 'gawk' },
    [ownProcesses],
  ],
  ['an account in a container', { user: 'guest', only: BARE }, [withoutSs, withoutCaps, ownProcesses]],
];

describe.concurrent('the readings are the same', () => {
  it.each(VARIANTS.map(([name, setting, changes = []]) => ({ name, setting, changes })))(
    '$name',
    async ({ setting, changes }) => {
      const expected = reference.map((readings) => changes.reduce((changed, change) => change(changed), readings));
      expect(await read(setting)).toEqual(expected);
    },
  );
});
