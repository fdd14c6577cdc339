/** The hosts we know: tcp-oncall.yaml over Ansible inventories over ssh_config. */
import { type Host, type HostName, parseHostName } from '#domain/host.ts';
import { nearestNames } from '#domain/nearest.ts';
import type { Surroundings } from '#domain/surroundings.ts';
import { type HostEntry, mergeEntries, type TransportSetting } from './host-entry.ts';
import { createRecognise } from './recognise.ts';
import { createResolver } from './resolve-host.ts';
import { addressIn, knowsHost, literalHosts, type SshConfigBlock } from './ssh-config.ts';

export interface InventoryData {
  /** From tcp-oncall.yaml. */
  readonly hosts: ReadonlyMap<string, HostEntry>;
  readonly ansible: ReadonlyMap<string, HostEntry>;
  /** Directories of Ansible's variables, of which nothing is known for lack of an ansible-inventory. */
  readonly unread: readonly string[];
  /** Undefined when there is no such file. */
  readonly sshConfig: { readonly file: string; readonly blocks: readonly SshConfigBlock[] } | undefined;
  readonly home: string;
  /** The login name here, which is the one there unless something says otherwise. */
  readonly user: string;
  /** For hosts that say none of their own. */
  readonly transport: TransportSetting;
  readonly surroundings: Surroundings;
  /** Ends a question to ssh. */
  readonly signal: AbortSignal;
}

const MOST_SHARERS = 3;

export type FoundHost =
  | { readonly kind: 'host'; readonly host: Host }
  /** `nearest`: at most three known names. */
  | { readonly kind: 'unknown'; readonly name: string; readonly nearest: readonly string[] }
  /** `message` is one finished sentence. */
  | { readonly kind: 'invalid'; readonly message: string };

export interface ListedHost {
  readonly name: HostName;
  readonly groups: readonly string[];
}

export interface Inventory {
  /** By its name exactly, as what is stored has it. */
  readonly findHost: (name: string) => Promise<FoundHost>;
  /** As people type it: also in another case, or its address as an alert shows it. Sharers of an address are `nearest`. */
  readonly findTyped: (typed: string) => Promise<FoundHost>;
  /** The one listed host that is meant, without resolving it. */
  readonly recognise: (typed: string) => HostName | undefined;
  /** Every host that is named somewhere, by name. */
  readonly listHosts: () => readonly ListedHost[];
  /** None of a name that is not listed, such as that of a host that was. */
  readonly groupsOf: (name: string) => readonly string[];
  /** The names of each group's hosts. */
  readonly groups: ReadonlyMap<string, readonly HostName[]>;
  /** Directories of Ansible's variables that could not be read here. */
  readonly unread: readonly string[];
}

export function createInventory(data: InventoryData): Inventory {
  const { hosts, ansible, sshConfig, unread } = data;
  const blocks = sshConfig?.blocks ?? [];
  const listed = list(data, blocks);
  const names = listed.map(({ name }) => name);
  const resolve = createResolver(data, { isKnown, nearest: (name) => nearestNames(name, names) });
  const meant = createRecognise(listed.map(({ name }) => ({ name, address: addressOf(name, data, blocks) })));

  function recognise(typed: string): HostName | undefined {
    const [name, ...more] = meant(typed);
    return more.length === 0 ? name : undefined;
  }

  async function findTyped(typed: string): Promise<FoundHost> {
    const exact = await findHost(typed);
    if (exact.kind !== 'unknown') return exact;
    const names = meant(typed);
    const [name, ...more] = names;
    if (name === undefined) return exact;
    return more.length === 0 ? findHost(name) : { kind: 'unknown', name: typed, nearest: names.slice(0, MOST_SHARERS) };
  }

  function isKnown(name: string): boolean {
    return hosts.has(name) || ansible.has(name) || knowsHost(blocks, name);
  }

  async function findHost(name: string): Promise<FoundHost> {
    if (parseHostName(name) === undefined || !isKnown(name)) return unknown(name);
    return resolve(name);
  }

  function unknown(name: string): FoundHost {
    return { kind: 'unknown', name, nearest: nearestNames(name, names) };
  }

  function groupsOf(name: string): readonly string[] {
    return listed.find((host) => host.name === name)?.groups ?? [];
  }

  return { findHost, findTyped, recognise, listHosts: () => listed, groupsOf, groups: groupMembers(listed), unread };
}

function list({ hosts, ansible }: InventoryData, blocks: readonly SshConfigBlock[]): readonly ListedHost[] {
  const names = new Set([...hosts.keys(), ...ansible.keys(), ...literalHosts(blocks)]);
  return [...names]
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap((text) => {
      const name = parseHostName(text);
      const { groups = [] } = mergeEntries([hosts.get(text) ?? {}, ansible.get(text) ?? {}]);
      return name === undefined ? [] : [{ name, groups }];
    });
}

/** As the files say it: asking ssh about every host would take a process for each. */
function addressOf(name: HostName, { hosts, ansible }: InventoryData, blocks: readonly SshConfigBlock[]): string {
  return hosts.get(name)?.address ?? ansible.get(name)?.address ?? addressIn(blocks, name) ?? name;
}

function groupMembers(listed: readonly ListedHost[]): ReadonlyMap<string, readonly HostName[]> {
  const members = new Map<string, HostName[]>();
  for (const { name, groups } of listed) {
    for (const group of groups) members.set(group, [...(members.get(group) ?? []), name]);
  }
  return members;
}
