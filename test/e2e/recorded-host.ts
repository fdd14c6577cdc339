/** A host that stands still: /proc, the cgroups and the sysctl files as a machine once showed them, laid over a lab host's own. */
import { readFileSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Setting } from './collector-on-host.ts';

const SAMPLES = new URL('../../src/evidence/samples/', import.meta.url);
const sample = (path: string) => readFileSync(new URL(path, SAMPLES), 'utf8');

/** The process that /proc/self is. */
export const SELF = 900;
export const OWN_NETNS = '4026531840';

const VALUES: Readonly<Record<string, string>> = Object.fromEntries(
  sample('sections/sysctls.txt')
    .split('\n')
    .filter((line) => !line.startsWith('grep: '))
    .map((line) => line.split(/:(.*)/s, 2) as [string, string]),
);

interface Recorded {
  readonly pid: number;
  readonly name: string;
  readonly uid: number;
  readonly threads: number;
  /** Where each of its descriptors points, from 0. */
  readonly descriptors: readonly string[];
  readonly netns: string;
  /** No VmSize, no descriptors. */
  readonly kernelThread?: boolean;
  /** Died while it was looked at: no status any more. */
  readonly dead?: boolean;
}

const NULL = '/dev/null';
/** The sockets are those of samples/proc-net/tcp. */
const PROCESSES: readonly Recorded[] = [
  { pid: 1, name: 'systemd', uid: 0, threads: 1, descriptors: [NULL, 'socket:[1]'], netns: OWN_NETNS },
  { pid: 2, name: 'kthreadd', uid: 0, threads: 1, descriptors: [], netns: OWN_NETNS, kernelThread: true },
  {
    pid: 310,
    name: 'shop front)',
    uid: 2002,
    threads: 12,
    descriptors: [NULL, 'socket:[66685]', 'socket:[66774]', 'pipe:[4]'],
    netns: OWN_NETNS,
  },
  { pid: 311, name: 'shop front)', uid: 2002, threads: 3, descriptors: ['socket:[66685]'], netns: OWN_NETNS },
  { pid: 400, name: 'db', uid: 2003, threads: 40, descriptors: [NULL, NULL, 'socket:[66687]'], netns: OWN_NETNS },
  { pid: 500, name: 'in a container', uid: 0, threads: 2, descriptors: ['socket:[9]'], netns: '4026532999' },
  { pid: 501, name: 'nothing listens', uid: 0, threads: 2, descriptors: [], netns: '4026533000' },
  { pid: 600, name: 'tuned', uid: 0, threads: 4, descriptors: [NULL], netns: OWN_NETNS },
  { pid: 700, name: 'gone', uid: 0, threads: 1, descriptors: [], netns: OWN_NETNS, dead: true },
  { pid: SELF, name: 'sh', uid: 0, threads: 1, descriptors: [NULL, 'pipe:[5]'], netns: OWN_NETNS },
];

const LISTENS_ON_8080 =
  '   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9 1 0000000000000000 100 0 0 10 0\n';
const HEAD = `${sample('proc-net/tcp').split('\n')[0]}\n`;

/** Two CPUs' counters, in hexadecimal. */
const CONNTRACK_STAT = `entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
00000009  00000001 00000000 00000000 0000001f 0000000a 00000000 00000003 00000000 00000002 00000000 000000ff 00000000  00000000 00000000 00000000 00000000
00000009  00000000 00000000 00000000 00000010 00000000 00000000 00000001 00000000 00000000 00000001 00000001 00000000  00000000 00000000 00000000 7fffffff
`;

/** By path, all of the tree. Text, or where a link points. */
export function recordedFiles(): ReadonlyMap<string, string | { readonly to: string }> {
  const files = new Map<string, string | { readonly to: string }>([
    ['proc/loadavg', '0.26 0.19 0.08 1/100 18968\n'],
    ['proc/uptime', '2384.49 4700.11\n'],
    ['proc/meminfo', 'MemTotal:       24684096 kB\nMemFree:        20000000 kB\n'],
    [
      'proc/version',
      'Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14)) #1 SMP\n',
    ],
    ['proc/sys/kernel/random/boot_id', 'f103b6e6-d7d0-4eb8-b28c-3c7189f8d47a\n'],
    ['proc/sys/kernel/hostname', 'recorded\n'],
    ['proc/sys/kernel/osrelease', '6.1.0-18-amd64\n'],
    ['proc/sys/fs/file-nr', '682\t0\t2466183\n'],
    ['proc/sys/net/netfilter/nf_conntrack_count', '9\n'],
    ...Object.entries(VALUES).map(([path, value]) => [`proc/sys/${path}`, `${value}\n`] as const),
    ['proc/self', { to: String(SELF) }],
    ['proc/net', { to: 'self/net' }],
    ['etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'],
    ['systemd/systemd-sysctl', ''],
    ['cgroup/cgroup.controllers', 'pids\n'],
    ['cgroup/system.slice/pids.max', 'max\n'],
    ['cgroup/system.slice/pids.current', '90\n'],
    ['cgroup/system.slice/shop front.service/pids.max', '400\n'],
    ['cgroup/system.slice/shop front.service/pids.current', '390\n'],
    ['cgroup/system.slice/db.service/pids.max', '2000\n'],
    ['cgroup/system.slice/db.service/pids.current', '41\n'],
    ['cgroup/a/b/c/d/e/pids.max', '20\n'],
    ['cgroup/a/b/c/d/e/pids.current', '20\n'],
    [
      'etc/sysctl.d/10-network.conf',
      '# net.core.somaxconn = 1\nnet.core.somaxconn = 1024\n  -net/ipv4/tcp_fin_timeout=30\nvm.swappiness=1\n',
    ],
    [
      'etc/sysctl.d/99-shop.conf',
      'net.core.somaxconn\t=\t4096\nnet.ipv4.tcp_rmem = 4096  131072\t33554432\nkernel.pid_max=9',
    ],
    ['etc/sysctl.d/zz-nowhere.conf', { to: 'gone' }],
    ['etc/sysctl.d/README', 'net.core.somaxconn = 7\n'],
    ['etc/sysctl.conf', 'net.ipv4.tcp_fin_timeout = 15\n'],
    ['etc/tuned/active_profile', 'shop\n'],
    [
      'etc/tuned/shop/tuned.conf',
      '[main]\ninclude=base\n\n[sysctl]\nnet.core.somaxconn=>8192\n[vm]\ntransparent_hugepages=never\n',
    ],
    ['etc/tuned/base/tuned.conf', '[main]\ninclude=shop\n[sysctl]\nnet.ipv4.tcp_fin_timeout = 20\n'],
  ]);
  for (const process of PROCESSES)
    for (const [path, file] of filesOf(process)) files.set(`proc/${process.pid}/${path}`, file);
  return files;
}

function filesOf(process: Recorded): readonly (readonly [string, string | { readonly to: string }])[] {
  const { pid, name, uid, threads, descriptors, netns, kernelThread, dead } = process;
  const ns = ['ns/net', { to: `net:[${netns}]` }] as const;
  if (dead) return [ns];
  const memory = kernelThread ? '' : 'VmSize:\t    2576 kB\n';
  const ids = Array(4).fill(uid).join('\t');
  return [
    ns,
    [
      'status',
      `Name:\t${name}\nState:\tS (sleeping)\nPid:\t${pid}\nPPid:\t1\nUid:\t${ids}\nGid:\t${ids}\nFDSize:\t64\n${memory}Threads:\t${threads}\nCpus_allowed_list:\t0\n`,
    ],
    ['stat', `${pid} (${name}) S 1 1 1 0 -1 4194560 1 1 0 0 1 1 0 0 20 0 ${threads} 0 5 1000 1\n`],
    [
      'limits',
      'Limit                     Soft Limit           Hard Limit           Units     \nMax cpu time              unlimited            unlimited            seconds   \nMax processes             96365                unlimited            processes \nMax open files            1024                 524288               files     \n',
    ],
    ...descriptors.map((to, number) => [`fd/${number}`, { to }] as const),
    ...networkOf(netns),
  ];
}

function networkOf(netns: string): readonly (readonly [string, string])[] {
  if (netns === OWN_NETNS)
    return [
      ...['tcp', 'tcp6', 'sockstat', 'sockstat6'].map((name) => [`net/${name}`, sample(`proc-net/${name}`)] as const),
      ['net/netstat', sample('sections/netstat.txt')],
      ['net/snmp', sample('sections/snmp.txt')],
      ['net/stat/nf_conntrack', CONNTRACK_STAT],
    ];
  const listens = netns === '4026532999';
  return [
    ['net/tcp', HEAD + (listens ? LISTENS_ON_8080 : '')],
    ['net/tcp6', HEAD],
    ['net/sockstat', `sockets: used 1\nTCP: inuse ${listens ? 1 : 0} orphan 0 tw 0 alloc 1 mem 0\n`],
    ['net/sockstat6', 'TCP6: inuse 0\n'],
  ];
}

/** Another's descriptors are for root alone, as the kernel has it. */
export async function writeRecordedHost(dir: string): Promise<void> {
  for (const [path, file] of recordedFiles()) {
    await mkdir(join(dir, dirname(path)), { recursive: true });
    if (typeof file === 'string') await writeFile(join(dir, path), file);
    else await symlink(file.to, join(dir, path));
  }
  for (const { pid } of PROCESSES) {
    await mkdir(join(dir, `proc/${pid}/fd`), { recursive: true });
    if (pid === SELF) continue;
    await chmod(join(dir, `proc/${pid}/fd`), 0o500);
    await chmod(join(dir, `proc/${pid}/ns`), 0o500);
  }
  await mkdir(join(dir, 'proc/sys/net/ipv4/conf'), { recursive: true });
}

/**
 * Only what can be recorded is asked: the kernel would tell perl, python3 and ss of the lab host's own sockets. `change` is
 * sh that makes the copy in /opt/case another one before it is laid over the host.
 */
export function recordedHost(change = '', user: 'root' | 'guest' = 'root'): Setting {
  return {
    user,
    without: ['perl', 'python3', 'ss', 'nsenter', 'sudo'],
    instead: {
      dmesg: `cat <<'LOG'
[   20.5] TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:8000. Sending cookies.
[   21.5] nf_conntrack: nf_conntrack: table full, dropping packet
[   22.25] nf_conntrack: nf_conntrack: table full, dropping packet
cgroup: fork rejected by pids controller in /system.slice
[   23.0] usb 1-1: new device
LOG`,
      uname: 'case $1 in -m) echo x86_64 ;; -nrm) echo recorded 6.1.0-18-amd64 x86_64 ;; esac',
    },
    prepare: `
mkdir -p /opt/case /opt/real && mount -t tmpfs tmpfs /opt/case && mount -t proc proc /opt/real
cp -a /opt/recorded/. /opt/case && cd /opt/case && chmod 755 systemd/systemd-sysctl
${user === 'root' ? '' : `sed -i 's/^Uid:.*/Uid:\t2003\t2003\t2003\t2003/' proc/${SELF}/status`}
# refuse FILE: it is there, its mode lets this account read it, and open(2) says no, as under SELinux.
refuse() { mount --bind /opt/real/${user === 'root' ? 'kmsg' : '1/maps'} "$1"; }
# vanish FILE: it is there when it is looked for, and gone when it is opened.
vanish() {
  sleep 100 </dev/null >/dev/null 2>&1 &
  mount --bind /opt/real/$!/maps "$1"
  kill $! && ! wait $! 2>/dev/null
}
${change}
for directory in /etc/tuned /usr/lib/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d; do mkdir -p $directory && mount -t tmpfs tmpfs $directory; done
for path in etc/sysctl.d etc/tuned etc/os-release etc/sysctl.conf; do [ ! -e $path ] || mount --rbind $path /$path; done
mount --bind systemd /usr/lib/systemd && mount --rbind cgroup /sys/fs/cgroup && mount --rbind proc /proc`,
  };
}
