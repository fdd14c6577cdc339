/** Everything a lab owns on the machine is named after the lab, so that it can be found again with no other memory. */
import { join } from 'node:path';
import { LabError } from './lab-error.ts';

export const STATE_DIR = '/run/tcp-oncall-lab';
const NETNS_DIR = '/run/netns';

/** The first hosts of every lab; later ones are app-02, app-03, … */
const FRIENDLY = [
  'web-01',
  'db-01',
  'api-01',
  'lb-01',
  'nat-01',
  'cache-01',
  'web-02',
  'db-02',
  'api-02',
  'app-01',
] as const;
const LARGEST_LAB = 200;

/** No dots or dashes: network namespaces are called `tol.<lab>.<host>` and must split unambiguously. */
export function parseLabName(text: string): string {
  if (/^[a-z0-9]{1,16}$/.test(text)) return text;
  throw new LabError(`"${text}" cannot name a lab: use 1 to 16 lowercase letters and digits.`);
}

export function hostNames(count: number): readonly string[] {
  if (!Number.isInteger(count) || count < 1 || count > LARGEST_LAB) {
    throw new LabError(`A lab has 1 to ${LARGEST_LAB} hosts, not ${count}.`);
  }
  return Array.from({ length: count }, (_, i) => FRIENDLY[i] ?? `app-${String(i - 8).padStart(2, '0')}`);
}

export function netnsName(lab: string, host: string): string {
  return `tol.${lab}.${host}`;
}

/** The namespace that holds the lab's bridge; no host has this name. */
export function bridgeNetns(lab: string): string {
  return netnsName(lab, 'bridge');
}

export function netnsPath(netns: string): string {
  return join(NETNS_DIR, netns);
}

export interface LabPaths {
  readonly dir: string;
  readonly state: string;
  readonly base: string;
  readonly config: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly identity: string;
}

export function labPaths(lab: string): LabPaths {
  const dir = join(STATE_DIR, lab);
  return {
    dir,
    state: join(STATE_DIR, `${lab}.json`),
    base: join(dir, 'base'),
    config: join(dir, 'tcp-oncall.yaml'),
    sshConfig: join(dir, 'ssh_config'),
    knownHosts: join(dir, 'known_hosts'),
    identity: join(dir, 'id_ed25519'),
  };
}
