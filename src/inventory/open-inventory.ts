/** Reads the files an inventory is made of. */
import { join } from 'node:path';
import type { Surroundings } from '#domain/surroundings.ts';
import { ansibleHosts } from './ansible-groups.ts';
import type { HostEntry, TransportSetting } from './host-entry.ts';
import { createInventory, type Inventory, type InventoryData } from './inventory.ts';
import { type AnsibleSources, readAnsible } from './read-ansible.ts';
import { readSshConfig } from './ssh-config.ts';

export interface InventorySources {
  readonly hosts: ReadonlyMap<string, HostEntry>;
  /** Absolute; undefined means ~/.ssh/config. */
  readonly sshConfig: string | undefined;
  readonly ansible: Omit<AnsibleSources, 'home'>;
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
  const [sshConfig, groups] = await Promise.all([readSsh(sources), readAnsible({ ...sources.ansible, home })]);
  if (typeof sshConfig === 'string') return { kind: 'invalid', message: sshConfig };
  if (typeof groups === 'string') return { kind: 'invalid', message: groups };
  const ansible = ansibleHosts(groups, home);
  const { signal } = sources.ansible;
  return {
    kind: 'inventory',
    inventory: createInventory({
      hosts,
      ansible,
      unread: groups.unread,
      sshConfig,
      home,
      user,
      transport,
      surroundings,
      signal,
    }),
  };
}

async function readSsh({ sshConfig, home }: InventorySources): Promise<InventoryData['sshConfig'] | string> {
  const file = sshConfig ?? join(home, '.ssh', 'config');
  try {
    const blocks = await readSshConfig(file, home);
    if (blocks !== undefined) return { file, blocks };
    return sshConfig === undefined ? undefined : `inventory.sshConfig names ${file}, which does not exist.`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return `${file} cannot be read (${code}).`;
  }
}
