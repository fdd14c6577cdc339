/**
 * The collector on a host that stands still: every reading is the one that the collector with a process for each file gave of the
 * same files (samples/recorded-host.json was written by it), and a file that cannot be read changes its own reading alone.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { absent, garbled, unreadable } from '#domain/reading.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { collect, type Readings, type Setting } from './collector-on-host.ts';
import { recordedHost, writeRecordedHost } from './recorded-host.ts';

const { each, first, second } = JSON.parse(
  readFileSync(new URL('samples/recorded-host.json', import.meta.url), 'utf8'),
) as Readonly<Record<'each' | 'first' | 'second', Readings>>;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ name: `v${process.pid.toString(36)}`, hosts: 1 });
  await writeRecordedHost(`/proc/${lab.host('web-01').pid1}/root/opt/recorded`);
});
afterAll(() => lab?.close());

/** Readings that are not as recorded: whole ones, or by the path to the one part that is another. */
type Changes = Readonly<Record<string, unknown>>;

function changed(readings: Readings, changes: Changes): Readings {
  const copy: Record<string, unknown> = structuredClone(readings);
  for (const [path, value] of Object.entries(changes)) {
    const [source = '', ...rest] = path.split('/');
    if (!(source in copy)) continue;
    let part = copy;
    let key = source;
    for (const word of rest) {
      part = part[key] as Record<string, unknown>;
      key = word;
    }
    part[key] = value;
  }
  return copy as Readings;
}

async function expectRecorded(changes: Changes, setting: Setting): Promise<void> {
  const { samples, complete, stderr, status } = await collect(lab, 'web-01', setting);
  expect({ complete, stderr, status }).toEqual({ complete: 2, stderr: '', status: 0 });
  expect(samples).toEqual([changed({ ...each, ...first }, changes), changed({ ...each, ...second }, changes)]);
}

it.concurrent.each(
  (['dash', 'bash', 'busybox'] as const).flatMap((shell) =>
    (['mawk', 'gawk', 'busybox'] as const).map((awk) => ({ shell, awk })),
  ),
)('$shell with $awk reads what was recorded', ({ shell, awk }) =>
  expectRecorded({}, { ...recordedHost(), shell, awk }),
);

/** Of an account that may not look into other users' processes. */
const AS_ACCOUNT: Changes = {
  'processes/value': {
    seen: 'own',
    processes: [],
    omitted: 0,
    userThreads: {},
    otherNamespaces: [],
    ownerless: { ports: [8000, 8080, 9000, 9001], closeWait: 7 },
  },
};

it.concurrent('an account reads the same, but for what other users run', () =>
  expectRecorded(AS_ACCOUNT, recordedHost('', 'guest')));

const failed = (source: string) => unreadable('failed', `${source}: exit status 1`);
const sysctl = (key: string, code: 'failed' | 'no-permission') => ({ [`sysctls/value/${key}`]: unreadable(code, key) });

/** What the readings become when these files cannot be opened, although they are there and their mode allows it. */
const FAIL: readonly (readonly [files: readonly string[], changes: Changes])[] = [
  [
    [
      'proc/sys/net/core/somaxconn',
      'proc/sys/net/ipv4/ip_local_reserved_ports',
      'proc/net/netstat',
      'proc/net/sockstat',
      'proc/sys/net/netfilter/nf_conntrack_count',
      'proc/loadavg',
      'proc/uptime',
      'etc/sysctl.d/50-more.conf',
    ],
    {
      ...sysctl('net.core.somaxconn', 'failed'),
      ...sysctl('net.ipv4.ip_local_reserved_ports', 'failed'),
      netstat: failed('netstat'),
      sockstat: failed('sockstat'),
      conntrack: failed('conntrack'),
      limits: garbled(1, 'loadavg'),
      host: garbled(1, 'no hostname, boot id or uptime'),
      'persisted-sysctls/value/unreadableFiles': ['/etc/sysctl.d/50-more.conf'],
    },
  ],
  [
    ['proc/net/snmp', 'proc/net/stat/nf_conntrack', 'proc/meminfo', 'proc/version'],
    {
      snmp: failed('snmp'),
      'conntrack/value/stats': {},
      'host/value/memoryBytes': null,
      'host/value/kernelBuilder': null,
    },
  ],
];

describe.concurrent.each(['root', 'guest'] as const)('%s finds files', (user) => {
  const known = user === 'root' ? {} : AS_ACCOUNT;
  const expectAfter = (change: string, changes: Changes) =>
    expectRecorded({ ...known, ...changes }, recordedHost(`touch etc/sysctl.d/50-more.conf\n${change}`, user));

  it.each(FAIL)('refused at open: %j', (files, changes) =>
    expectAfter(files.map((file) => `refuse ${file}`).join('\n'), changes),
  );

  it.each(FAIL)('gone between the look and the open: %j', (files, changes) =>
    expectAfter(files.map((file) => `vanish ${file}`).join('\n'), changes),
  );
});

it('a table of sockets that is refused at open is not an empty one', () => {
  const refused = unreadable('no-permission', '/proc/net/tcp');
  return expectRecorded(
    {
      sockets: refused,
      listeners: refused,
      'accept-queues': refused,
      'processes/value/processes': [],
      'processes/value/userThreads': {},
      'processes/value/ownerless': { ports: [], closeWait: 0 },
    },
    recordedHost('refuse proc/net/tcp; refuse proc/net/tcp6'),
  );
});

const SOMAXCONN = 'net.core.somaxconn';
const NO_MEMORY = { 'host/value/memoryBytes': null } as const;

describe.concurrent.each(['dash', 'bash', 'busybox'] as const)('to %s', (shell) => {
  it('what is not there is absent, and what is no file is not waited for', () =>
    expectRecorded(
      {
        ...NO_MEMORY,
        ...sysctl(SOMAXCONN, 'failed'),
        'sysctls/value/net.ipv4.tcp_tw_reuse': absent('net.ipv4.tcp_tw_reuse'),
        netstat: absent('/proc/net/netstat'),
        snmp: failed('snmp'),
        conntrack: failed('conntrack'),
        'limits/value/cgroupPids': null,
      },
      {
        ...recordedHost(`cd proc && rm net/netstat net/snmp meminfo sys/net/netfilter/nf_conntrack_count sys/net/core/somaxconn sys/net/ipv4/tcp_tw_reuse
          mkfifo meminfo ../etc/sysctl.d/50-more.conf && mkdir net/snmp
          mknod sys/net/core/somaxconn c 1 5 && mknod sys/net/netfilter/nf_conntrack_count c 1 5
          cd .. && rm -r cgroup/system.slice`),
        shell,
      },
    ));

  it('nothing is absent where this account may not look', () => {
    const denied = ['max', 'buckets', 'tcp_timeout_established', 'tcp_timeout_time_wait', 'tcp_be_liberal'].map(
      (name) => sysctl(`net.netfilter.nf_conntrack_${name}`, 'no-permission'),
    );
    return expectRecorded(
      Object.assign({}, AS_ACCOUNT, NO_MEMORY, ...denied, sysctl(SOMAXCONN, 'no-permission'), {
        snmp: unreadable('no-permission', '/proc/net/snmp'),
        conntrack: unreadable('no-permission', '/proc/sys/net/netfilter/nf_conntrack_count'),
        'persisted-sysctls/value/unreadableFiles': ['/etc/sysctl.d/50-more.conf'],
      }),
      {
        ...recordedHost(
          `touch etc/sysctl.d/50-more.conf
          chmod 700 proc/sys/net/netfilter
          chmod 0 proc/net/snmp proc/meminfo proc/sys/net/core/somaxconn etc/sysctl.d/50-more.conf`,
          'guest',
        ),
        shell,
      },
    );
  });
});
