/** Which known_hosts files are read. */
import { join } from 'node:path';

/** Those that tcp-oncall reads where nothing names any; ssh reads them too. */
export function usualKnownHosts(home: string): readonly string[] {
  return [join(home, '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'];
}

/** tcp-oncall.yaml names others than ssh would read. */
export function namesKnownHosts(read: readonly string[], home: string): boolean {
  const usual = usualKnownHosts(home);
  return read.length !== usual.length || read.some((file, index) => file !== usual[index]);
}

/** Those of ssh_config that neither ssh nor tcp-oncall reads by itself. /dev/null, which labs name, knows nobody. */
export function unusualKnownHosts(named: readonly string[], home: string): readonly string[] {
  const usual = usualKnownHosts(home).flatMap((file) => [file, `${file}2`]);
  return named
    .map((file) => file.replace(/^~(?=\/)/, home))
    .filter((file) => file.startsWith('/') && file !== '/dev/null' && !usual.includes(file));
}
