/** Reads the files an inventory is made of. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Surroundings } from '#domain/surroundings.ts';
import { type AnsibleInventory, ansibleHosts } from './ansible-groups.ts';
import { parseAnsibleIni } from './ansible-ini.ts';
import { parseAnsibleYaml } from './ansible-yaml.ts';
import { type HostEntry, mergeEntries, type TransportSetting } from './host-entry.ts';
import { createInventory, type Inventory, type InventoryData } from './inventory.ts';
import { readSshConfig } from './ssh-config.ts';

export interface InventorySources {
  readonly hosts: ReadonlyMap<string, HostEntry>;
  /** Absolute; undefined means ~/.ssh/config. */
  readonly sshConfig: string | undefined;
  /** Absolute; an earlier file weighs more. */
  readonly ansible: readonly string[];
  readonly home: string;
  readonly user: string;
  readonly transport: TransportSetting;
  readonly surroundings: Surroundings;
}

export type OpenedInventory =
  | { readonly kind: 'inventory'; readonly inventory: Inventory }
  /** `message` is one finished sentence that names the file. */
  | { readonly kind: 'invalid'; readonly message: string };

export async function openInventory(sources: InventorySources): Promise<OpenedInventory> {
  const { hosts, home, user, transport, surroundings } = sources;
  const [sshConfig, ...files] = await Promise.all([
    readSsh(sources),
    ...sources.ansible.map((file) => readAnsible(file, home)),
  ]);
  if (typeof sshConfig === 'string') return { kind: 'invalid', message: sshConfig };
  const ansible = new Map<string, HostEntry>();
  for (const file of files) {
    if (typeof file === 'string') return { kind: 'invalid', message: file };
    for (const [name, entry] of file) ansible.set(name, mergeEntries([ansible.get(name) ?? {}, entry]));
  }
  return {
    kind: 'inventory',
    inventory: createInventory({ hosts, ansible, sshConfig, home, user, transport, surroundings }),
  };
}

async function readSsh({ sshConfig, home }: InventorySources): Promise<InventoryData['sshConfig'] | string> {
  const file = sshConfig ?? join(home, '.ssh', 'config');
  try {
    const blocks = await readSshConfig(file, home);
    if (blocks !== undefined) return { file, blocks };
    return sshConfig === undefined ? undefined : `inventory.sshConfig names ${file}, which does not exist.`;
  } catch (error) {
    return cannotRead(file, error);
  }
}

async function readAnsible(file: string, home: string): Promise<ReadonlyMap<string, HostEntry> | string> {
  try {
    const parsed = parse(file, await readFile(file, 'utf8'));
    if (parsed.kind === 'groups') return ansibleHosts(parsed.groups, home);
    return `${file} line ${parsed.line} cannot be read as an Ansible inventory: ${parsed.why}.`;
  } catch (error) {
    return cannotRead(file, error);
  }
}

function parse(file: string, text: string): AnsibleInventory {
  return /\.ya?ml$/i.test(file) ? parseAnsibleYaml(text) : parseAnsibleIni(text);
}

function cannotRead(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOENT') return `inventory.ansible names ${file}, which does not exist.`;
  if (code === 'EISDIR') return `${file} is a directory: name the inventory files in it.`;
  return `${file} cannot be read (${code}).`;
}
