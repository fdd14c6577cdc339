/**
 * Hosts of several distributions as far as preflight.sh looks: the files it reads, written after what those distributions'
 * documents and packages say, and programs that answer. Synthetic: none was recorded on such a host.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Root {
  /** By path; a name that ends with "/" is a directory. */
  readonly files: Readonly<Record<string, string>>;
  /** What a program prints, whatever it is asked; a function of shell's "$@" where that matters. */
  readonly programs: Readonly<Record<string, string>>;
}

const MEMINFO =
  'MemTotal: 2048000 kB\nMemFree: 512000 kB\nMemAvailable: 1024000 kB\nBuffers: 1000 kB\nCached: 2000 kB\nSwapTotal: 1000000 kB\nSwapFree: 999000 kB\n';
const BOOT_ID = '0f3c5bd2-7f0a-4d0b-8c77-2b0a34d1c9aa\n';
const DF =
  'case $1 in -Pk) echo "F 1024-blocks U A C M"; echo "/dev/x 1000 1 20000000 1% /" ;; *) echo "F I U A C M"; echo "/dev/x 1000 1 900000 1% /" ;; esac';

function common(release: string, version: string): Root {
  return {
    files: {
      'home/ops/': '',
      'boot/': '',
      'proc/meminfo': MEMINFO,
      'proc/cpuinfo': 'processor : 0\nprocessor : 1\n',
      'proc/sys/kernel/random/boot_id': BOOT_ID,
      'proc/sys/net/ipv4/tcp_fin_timeout': '60\n',
      'proc/1/cgroup': '0::/init.scope\n',
      [`boot/config-${release}`]: 'CONFIG_HZ=250\n',
      [`boot/vmlinuz-${release}`]: '',
    },
    programs: {
      df: DF,
      id: 'echo 1000',
      uname: `case $1 in -r) echo '${release}' ;; -v) echo '${version}' ;; *) echo x86_64 ;; esac`,
    },
  };
}

function mounts(...lines: readonly string[]): string {
  return lines.map((line, n) => `${20 + n} 1 ${line}\n`).join('');
}

function rpm(name: string, version: string, source: string): string {
  return `case $1 in -qf) echo '${name} ${version} ${source}' ;; *) exit 1 ;; esac`;
}

const EL9 = '5.14.0-503.11.1.el9_5.x86_64';
const DEBIAN = '6.1.0-28-amd64';

const DEBIAN_PLAIN: Root = {
  files: {
    'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
    'etc/default/grub': '# grub\nGRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n',
    'boot/grub/grub.cfg': '',
    'boot/grub/grubenv': '',
    'run/systemd/system/': '',
    'proc/self/mountinfo': mounts('254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw'),
    'sys/dev/block/254:1/partition': '1\n',
    'proc/modules': 'virtio_net 98304 0 - Live 0x0\nwireguard 98304 0 - Live 0x0\n',
    'sys/module/virtio_net/taint': '\n',
    'sys/module/wireguard/taint': 'OE\n',
    'var/lib/dkms/wireguard/': '',
    'sys/class/dmi/id/sys_vendor': 'QEMU\n',
  },
  programs: {
    'dpkg-query': `case $1 in -S) echo 'linux-image-${DEBIAN}: /boot/vmlinuz-${DEBIAN}' ;; *) printf 'linux-image-${DEBIAN} 6.1.119-1 -' ;; esac`,
    'grub-reboot': 'exit 0',
  },
};

/** What each is an example of is in its name. */
export const ROOTS: Readonly<Record<string, readonly Root[]>> = {
  'debian-12-plain': [common(DEBIAN, '#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)'), DEBIAN_PLAIN],
  'debian-12-lvm': [
    common(DEBIAN, '#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)'),
    DEBIAN_PLAIN,
    {
      files: {
        'proc/self/mountinfo': mounts('253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw'),
        'sys/dev/block/253:0/dm/uuid': 'LVM-yFj3h1\n',
        'usr/local/sbin/tcp-oncall-kernel': '',
        'etc/grub.d/45_tcp_oncall':
          '#!/bin/sh\n# tcp-oncall: the kernel on trial, of change abcdefgh. Goes away with the trial.\n',
      },
      programs: { sudo: `echo "$4 version 1 protocol 1"` },
    },
  ],
  'ubuntu-22.04-btrfs-docker': [
    common('5.15.0-92-generic', '#102-Ubuntu SMP Wed Jan 10 09:33:48 UTC 2024'),
    DEBIAN_PLAIN,
    {
      files: {
        'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\n',
        '.dockerenv': '',
        'proc/self/mountinfo': mounts(
          '0:25 /@ / rw,relatime - btrfs /dev/vda1 rw',
          '0:30 /x /etc/hosts rw - ext4 /dev/vdb rw',
        ),
      },
      programs: { 'dpkg-query': 'exit 1' },
    },
  ],
  'centos-6.6-grub-legacy': [
    common('2.6.32-504.8.1.el6.x86_64', '#1 SMP Wed Jan 28 21:11:36 UTC 2015'),
    {
      files: {
        'etc/redhat-release': 'CentOS release 6.6 (Final)\n',
        'proc/meminfo': MEMINFO.replace(/MemAvailable.*\n/, ''),
        'boot/grub/grub.conf': 'default=0\ntimeout=5\nhiddenmenu\ntitle CentOS\n',
        'proc/self/mountinfo': mounts('202:65 / / rw,relatime - ext4 /dev/xvde1 rw'),
        'sys/dev/block/202:65/partition': '1\n',
        'sys/class/dmi/id/sys_vendor': 'Xen\n',
      },
      programs: {
        grub: 'exit 0',
        rpm: rpm('kernel', '2.6.32-504.8.1.el6', 'kernel-2.6.32-504.8.1.el6.src.rpm'),
      },
    },
  ],
  'centos-7-boot-raid': [
    common('3.10.0-1160.el7.x86_64', '#1 SMP Mon Oct 19 16:18:59 UTC 2020'),
    {
      files: {
        'etc/os-release': 'NAME="CentOS Linux"\nID="centos"\nVERSION_ID="7"\n',
        'etc/default/grub': 'GRUB_DEFAULT=saved\n',
        'boot/grub2/grub.cfg': '',
        'boot/grub2/grubenv': '',
        'run/systemd/system/': '',
        'proc/self/mountinfo': mounts('253:0 / / rw - xfs /dev/mapper/cl-root rw', '9:0 / /boot rw - xfs /dev/md0 rw'),
        'sys/dev/block/9:0/md/': '',
        'sys/dev/block/253:0/dm/uuid': 'LVM-a\n',
      },
      programs: {
        'grub2-reboot': 'exit 0',
        rpm: rpm('kernel', '3.10.0-1160.el7', 'kernel-3.10.0-1160.el7.src.rpm'),
      },
    },
  ],
  'rocky-9-secure-boot': [
    common(EL9, '#1 SMP PREEMPT_DYNAMIC Tue Nov 12 20:16:25 UTC 2024'),
    {
      files: {
        'etc/os-release': 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.5"\n',
        'etc/default/grub': 'GRUB_DEFAULT=saved\nGRUB_ENABLE_BLSCFG=true\n',
        'boot/grub2/grub.cfg': '',
        'boot/grub2/grubenv': '',
        'run/systemd/system/': '',
        'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': '\u0006\u0000\u0000\u0000\u0001',
        'sys/kernel/security/lockdown': 'none [integrity] confidentiality\n',
        'proc/self/mountinfo': mounts(
          '253:0 / / rw - xfs /dev/mapper/rl-root rw',
          '259:2 / /boot rw - xfs /dev/nvme0n1p2 rw',
        ),
        'sys/dev/block/259:2/partition': '2\n',
      },
      programs: {
        'grub2-reboot': 'exit 0',
        rpm: rpm('kernel-core', '5.14.0-503.11.1.el9_5', 'kernel-5.14.0-503.11.1.el9_5.src.rpm'),
      },
    },
  ],
  'amazon-2023-ec2': [
    common('6.1.102-108.177.amzn2023.x86_64', '#1 SMP PREEMPT_DYNAMIC Wed Jul 31 10:18:50 UTC 2024'),
    {
      files: {
        'etc/os-release': 'NAME="Amazon Linux"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n',
        'etc/default/grub': 'GRUB_DEFAULT=saved\n',
        'boot/grub2/grub.cfg': '',
        'boot/grub2/grubenv': '',
        'run/systemd/system/': '',
        'sys/class/dmi/id/sys_vendor': 'Amazon EC2\n',
        'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': '\u0006\u0000\u0000\u0000\u0000',
        'proc/self/mountinfo': mounts('259:1 / / rw,noatime - xfs /dev/nvme0n1p1 rw'),
        'sys/dev/block/259:1/partition': '1\n',
      },
      programs: {
        'grub2-reboot': 'exit 0',
        rpm: rpm('kernel', '6.1.102-108.177.amzn2023', 'kernel-6.1.102-108.177.amzn2023.src.rpm'),
      },
    },
  ],
  'alinux-3-tw-timeout': [
    common('5.10.134-16.3.al8.x86_64', '#1 SMP Mon Apr 8 15:21:44 CST 2024'),
    {
      files: {
        'etc/os-release': 'NAME="Alibaba Cloud Linux"\nID="alinux"\nVERSION_ID="3"\n',
        'proc/sys/net/ipv4/tcp_tw_timeout': '60\n',
        'proc/self/mountinfo': mounts('254:3 / / rw - ext4 /dev/vda3 rw'),
        'sys/dev/block/254:3/partition': '3\n',
      },
      programs: { rpm: rpm('kernel', '5.10.134-16.3.al8', 'kernel-5.10.134-16.3.al8.src.rpm') },
    },
  ],
};

const TOOLS = ['awk', 'cat', 'cut', 'grep', 'head', 'od', 'sed', 'sha256sum', 'sh', 'tail', 'tr', 'wc'];

/** Writes one below `dir`. Returns the environment in which preflight.sh takes it for its host. */
export function writeRoot(dir: string, name: string): NodeJS.ProcessEnv {
  const layers = ROOTS[name] ?? [];
  const bin = join(dir, 'programs');
  mkdirSync(bin, { recursive: true });
  for (const [path, text] of layers.flatMap(({ files }) => Object.entries(files))) writePath(join(dir, path), text);
  for (const [program, text] of layers.flatMap(({ programs }) => Object.entries(programs))) {
    writeFileSync(join(bin, program), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, program), 0o755);
  }
  for (const tool of TOOLS) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  return { KERNEL_ROOT: dir, HOME: '/home/ops', PATH: bin };
}

function writePath(path: string, text: string): void {
  if (path.endsWith('/')) {
    mkdirSync(path, { recursive: true });
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
