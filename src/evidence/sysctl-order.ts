/** In which order sysctl files are applied, the last one winning: sysctl.d(5), sysctl(8), and the init scripts of EL6 and OpenRC. */

export const BOOT_ORDERS = ['systemd', 'el6', 'openrc', 'sysctl-system'] as const;

export type BootOrder = (typeof BOOT_ORDERS)[number];

export function isBootOrder(text: string): text is BootOrder {
  return (BOOT_ORDERS as readonly string[]).includes(text);
}

const MAIN_FILE = '/etc/sysctl.conf';
const SYSTEMD = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'];
const PROCPS = ['/run/sysctl.d', '/etc/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'];

/** The files a boot applies, in order. */
export function inBootOrder(files: readonly string[], order: BootOrder): readonly string[] {
  switch (order) {
    case 'systemd':
      // /etc/sysctl.conf counts only where a distribution links it into sysctl.d, and then under the link's name.
      return byName(files, SYSTEMD);
    case 'el6':
      return [...only(files, MAIN_FILE), ...inDirectory(files, '/etc/sysctl.d').filter(isNoBackup)];
    case 'openrc':
      return [
        ...PROCPS.flatMap((directory) => inDirectory(files, directory).filter(isConf)),
        ...only(files, MAIN_FILE),
      ];
    case 'sysctl-system':
      return byNameThenMain(files);
  }
}

/** The files `sysctl --system` applies; EL6 and busybox have no such option, and there it stands for the boot. */
export function inSystemOrder(files: readonly string[], order: BootOrder): readonly string[] {
  return order === 'el6' || order === 'openrc' ? inBootOrder(files, order) : byNameThenMain(files);
}

/** procps: by name, and /etc/sysctl.conf last. */
function byNameThenMain(files: readonly string[]): readonly string[] {
  return [...byName(files, PROCPS), ...only(files, MAIN_FILE)];
}

/** All directories together by file name; a name in an earlier directory masks the same name in later ones. */
function byName(files: readonly string[], directories: readonly string[]): readonly string[] {
  const byBase = new Map<string, string>();
  for (const file of directories.flatMap((directory) => inDirectory(files, directory).filter(isConf)))
    if (!byBase.has(baseName(file))) byBase.set(baseName(file), file);
  return [...byBase].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

function inDirectory(files: readonly string[], directory: string): readonly string[] {
  return files.filter((file) => file.slice(0, file.lastIndexOf('/')) === directory).sort();
}

function only(files: readonly string[], wanted: string): readonly string[] {
  return files.filter((file) => file === wanted);
}

function isConf(file: string): boolean {
  return file.endsWith('.conf');
}

function isNoBackup(file: string): boolean {
  return !/(?:~|\.bak|\.orig|\.rpm\w*)$/.test(file);
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
