/** The hosts we know: tcp-oncall.yaml over Ansible inventories over ssh_config. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Host, type HostName, parseHostName, SSH2 } from '#domain/host.ts';
import { nearestNames } from '#domain/nearest.ts';
import { askSsh, DEFAULT_IDENTITIES } from './ask-ssh.ts';
import { type HostEntry, mergeEntries } from './host-entry.ts';
import { isAddress, parseHop } from './jump.ts';
import { createRecognise } from './recognise.ts';
import { addressIn, knowsHost, literalHosts, type SshConfigBlock } from './ssh-config.ts';

export interface InventoryData {
  /** From tcp-oncall.yaml. */
  readonly hosts: ReadonlyMap<string, HostEntry>;
  readonly ansible: ReadonlyMap<string, HostEntry>;
  /** Undefined when there is no such file. */
  readonly sshConfig: { readonly file: string; readonly blocks: readonly SshConfigBlock[] } | undefined;
  readonly home: string;
  /** The login name here, which is the one there unless something says otherwise. */
  readonly user: string;
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
}

export function createInventory(data: InventoryData): Inventory {
  const { hosts, ansible, sshConfig } = data;
  const blocks = sshConfig?.blocks ?? [];
  const listed = list(data, blocks);
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
    return resolve(name, []);
  }

  function unknown(name: string): FoundHost {
    return {
      kind: 'unknown',
      name,
      nearest: nearestNames(
        name,
        listed.map((host) => host.name),
      ),
    };
  }

  /** `above`: the hosts on whose way this one lies. */
  async function resolve(text: string, above: readonly string[]): Promise<FoundHost> {
    const hop = parseHop(text);
    if (hop === undefined)
      return invalid(
        `${quoteWay(above)} jumps through "${text}", which is no host: write a host's name or user@host:port.`,
      );
    const name = hop.address as HostName;
    if (above.includes(name))
      return invalid(`The way to ${above[0]} goes in a circle: ${[...above, name].join(' through ')}.`);
    const entry = await gather(name);
    if ('kind' in entry) return entry;
    if (entry.unusable !== undefined) return invalid(`${name} cannot be used: ${entry.unusable}.`);
    const jump = await way(entry.jump ?? [], [...above, name]);
    if (!Array.isArray(jump)) return jump;
    const { address = hop.address, port, user, groups = [], hostKeyAlias } = entry;
    return {
      kind: 'host',
      host: {
        name,
        address,
        port: hop.port ?? port ?? 22,
        user: hop.user ?? user ?? data.user,
        identityFiles: entry.identityFiles ?? (await defaultIdentities(data.home)),
        groups,
        jump,
        ...(hostKeyAlias !== undefined && { hostKeyAlias }),
        transport: SSH2,
      },
    };
  }

  /** ssh_config is asked last, and only about what can be on its command line. */
  async function gather(name: HostName): Promise<HostEntry | FoundHost> {
    const said = [hosts.get(name) ?? {}, ansible.get(name) ?? {}];
    if (sshConfig === undefined || parseHostName(name) === undefined) return mergeEntries(said);
    const answer = await askSsh(name, sshConfig.file, data.home);
    if (answer.kind === 'invalid') return invalid(`ssh cannot read ${sshConfig.file} for ${name}: ${answer.why}.`);
    const jumped = said.some(({ jump }) => jump !== undefined);
    const { unusable, ...usable } = answer.entry;
    return mergeEntries([...said, jumped || unusable === undefined ? usable : answer.entry]);
  }

  /** The hops in order: the first one's own way comes before it; ssh -J does the same. */
  async function way(hops: readonly string[], above: readonly string[]): Promise<Host[] | FoundHost> {
    const all: Host[] = [];
    for (const text of hops) {
      const hop = parseHop(text);
      if (hop !== undefined && !isAddress(text) && !isKnown(hop.address)) {
        const { nearest } = unknown(hop.address) as { readonly nearest: readonly string[] };
        const hint =
          nearest.length > 0
            ? ` Did you mean ${nearest.join(' or ')}?`
            : ' Name a known host, or write user@host:port.';
        return invalid(`${quoteWay(above)} jumps through ${text}, which is not a known host.${hint}`);
      }
      const found = await resolve(text, above);
      if (found.kind !== 'host') return found;
      const { jump, ...host } = found.host;
      if (all.length === 0) all.push(...jump);
      all.push({ ...host, jump: [] });
    }
    return all;
  }

  function groupsOf(name: string): readonly string[] {
    return listed.find((host) => host.name === name)?.groups ?? [];
  }

  return { findHost, findTyped, recognise, listHosts: () => listed, groupsOf, groups: groupMembers(listed) };
}

function quoteWay(above: readonly string[]): string {
  return above.at(-1) ?? 'A host';
}

function invalid(message: string): FoundHost {
  return { kind: 'invalid', message };
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

async function defaultIdentities(home: string): Promise<readonly string[]> {
  const paths = DEFAULT_IDENTITIES.map((name) => join(home, '.ssh', name));
  const there = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => there[index]);
}
