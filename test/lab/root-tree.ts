/** The files a lab host has of its own, laid over what it shares with the machine. */
import { chmod, chown, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from './command.ts';

const USERS = [
  ['root', 0, '/root', '/bin/sh'],
  ['ops', 2001, '/home/ops', '/bin/sh'],
  ['app', 2002, '/home/app', '/bin/sh'],
  ['guest', 2003, '/home/guest', '/bin/sh'],
  ['noshell', 2004, '/home/noshell', '/usr/sbin/nologin'],
  ['admin', 2005, '/home/admin', '/bin/sh'],
  ['sshd', 105, '/run/sshd', '/usr/sbin/nologin'],
  ['nobody', 65534, '/nonexistent', '/usr/sbin/nologin'],
] as const;

/** What the on-call account may do as root: look, and change its own host's sysctls; and an administrator. */
const SUDOERS = `Defaults !lecture, !syslog, secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL) ALL
ops ALL=(root) NOPASSWD: /usr/sbin/sysctl, /usr/bin/ss, /usr/sbin/ss, /bin/ss, /sbin/sysctl, /bin/cat, /usr/bin/cat, \\
  /bin/ls, /usr/bin/ls, /usr/bin/dmesg, /bin/dmesg, /usr/sbin/conntrack, /usr/bin/tee /etc/sysctl.d/*
admin ALL=(ALL) NOPASSWD: ALL
@includedir /etc/sudoers.d
`;

const SSHD_CONFIG = `Port 22
AddressFamily inet
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys
AllowUsers ops guest noshell admin
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
MaxStartups 100
LogLevel INFO
Subsystem sftp internal-sftp
`;

/** Writes what all hosts of a lab have in common, once; each host copies it. */
export async function writeBaseTree(dir: string, publicKey: string, withBusybox: boolean): Promise<void> {
  const passwd = USERS.map(([name, id, home, shell]) => `${name}:x:${id}:${id}::${home}:${shell}\n`).join('');
  const group = USERS.map(([name, id]) => `${name}:x:${id}:\n`).join('');
  // `*` and not `!`: without PAM sshd takes `!` for a locked account and refuses its keys too.
  const shadow = USERS.map(([name]) => `${name}:*:19000:0:99999:7:::\n`).join('');
  await Promise.all([
    writeTree(dir, 'etc/passwd', passwd),
    writeTree(dir, 'etc/group', group),
    writeTree(dir, 'etc/shadow', shadow, 0o640),
    writeTree(dir, 'etc/sudoers', SUDOERS, 0o440),
    writeTree(dir, 'etc/ssh/sshd_config', SSHD_CONFIG),
    writeTree(dir, 'etc/ssh/authorized_keys', publicKey),
    writeTree(dir, 'etc/sysctl.conf', ''),
    writeTree(dir, 'opt/lab/node', ''),
    maskSysctlFiles(join(dir, 'etc/sysctl.d')),
    makeDirectories(dir),
    withBusybox && linkApplets(join(dir, 'opt/lab/applets')),
  ]);
}

export async function writeTree(dir: string, path: string, text: string, mode = 0o644): Promise<void> {
  const file = join(dir, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode });
}

const DIRECTORIES = ['etc/sudoers.d', 'opt/lab/actors', 'run/sshd', 'run/lock', 'var/log', 'var/lib'] as const;

async function makeDirectories(dir: string): Promise<void> {
  const homes = USERS.filter(([, , home]) => home.startsWith('/home/')).map(async ([, id, path]) => {
    const home = join(dir, path);
    await mkdir(home, { recursive: true });
    await chmod(home, 0o700);
    await chown(home, id, id);
  });
  // The mode that mkdir is given loses what the umask takes.
  const scratch = ['tmp', 'var/tmp'].map(async (path) => {
    await mkdir(join(dir, path), { recursive: true });
    await chmod(join(dir, path), 0o1777);
  });
  await Promise.all([...homes, ...scratch, ...DIRECTORIES.map((path) => mkdir(join(dir, path), { recursive: true }))]);
}

/** The distribution's own files set kernel.* and fs.*, which a host may not: an empty /etc twin switches them off. */
async function maskSysctlFiles(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const shipped = await Promise.all(
    ['/usr/lib/sysctl.d', '/lib/sysctl.d', '/usr/local/lib/sysctl.d'].map((path) => readdir(path).catch(() => [])),
  );
  const names = new Set(shipped.flat().filter((name) => name.endsWith('.conf')));
  await Promise.all([...names].map((name) => symlink('/dev/null', join(dir, name))));
}

/** A busybox host has these programs on its PATH and no others. */
async function linkApplets(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const applets = (await must(['busybox', '--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox');
  await Promise.all(applets.map((name) => symlink('/usr/bin/busybox', join(dir, name))));
}
