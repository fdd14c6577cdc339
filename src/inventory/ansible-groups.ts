/** What Ansible inventories come to, whichever way they are written: groups of hosts, with variables and children. */
import { loginFrom, type Variables } from './ansible-login.ts';
import type { HostEntry } from './host-entry.ts';
import { expandRange } from './host-range.ts';

export interface AnsibleGroup {
  readonly hosts: Set<string>;
  variables: Variables;
  readonly children: Set<string>;
}

export interface AnsibleGroups {
  readonly groups: Map<string, AnsibleGroup>;
  /** What is said of a host itself, wherever it is said: Ansible keeps no apart by group. */
  readonly hosts: Map<string, Variables>;
}

export type AnsibleInventory =
  | ({ readonly kind: 'groups' } & AnsibleGroups)
  /** `line` counts from 1. */
  | { readonly kind: 'garbled'; readonly line: number; readonly why: string }
  /** It is right, as far as we see, but only Ansible understands it. */
  | { readonly kind: 'beyond'; readonly line: number; readonly why: string };

/** Groups every host is in without being told. */
const IMPLICIT = new Set(['all', 'ungrouped']);

export function noGroups(): AnsibleGroups {
  return { groups: new Map(), hosts: new Map() };
}

/** The group of that name, which is there from its first mention on. */
export function groupOf(name: string, { groups }: AnsibleGroups): AnsibleGroup {
  const group = groups.get(name) ?? { hosts: new Set(), variables: {}, children: new Set() };
  groups.set(name, group);
  return group;
}

export function addHost(name: string, variables: Variables, group: AnsibleGroup, { hosts }: AnsibleGroups): void {
  group.hosts.add(name);
  hosts.set(name, { ...hosts.get(name), ...variables });
}

/** Gives each host of a pattern these variables; false when a range in it cannot be counted. */
export function addHosts(pattern: string, variables: Variables, group: AnsibleGroup, into: AnsibleGroups): boolean {
  const names = expandRange(pattern);
  for (const name of names ?? []) addHost(name, variables, group, into);
  return names !== undefined;
}

/** One inventory of several, in falling order of weight. */
export function mergeGroups(inventories: readonly AnsibleGroups[]): AnsibleGroups {
  const merged = noGroups();
  for (const { groups, hosts } of inventories.toReversed()) {
    for (const [name, { hosts: members, variables, children }] of groups) {
      const group = groupOf(name, merged);
      for (const host of members) addHost(host, hosts.get(host) ?? {}, group, merged);
      for (const child of children) group.children.add(child);
      group.variables = { ...group.variables, ...variables };
    }
  }
  return merged;
}

/** Every host with its login: variables of the outer groups first, then the inner, then its own (Ansible's precedence). */
export function ansibleHosts({ groups, hosts }: AnsibleGroups, home: string): ReadonlyMap<string, HostEntry> {
  const ancestors = ancestorsOf(groups);
  const memberships = new Map<string, Set<string>>();
  for (const [name, group] of groups) {
    for (const host of group.hosts) {
      const known = memberships.get(host) ?? new Set<string>(['all']);
      for (const ancestor of ancestors(name)) known.add(ancestor);
      memberships.set(host, known);
    }
  }
  const depths = depthsOf(groups);
  const entries = new Map<string, HostEntry>();
  for (const [host, names] of memberships) {
    if ([...names].some((name) => !IMPLICIT.has(name))) names.delete('ungrouped');
    const ordered = [...names].sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || (a < b ? -1 : 1));
    const inherited = ordered.map((name) => groups.get(name)?.variables ?? {});
    const variables: Variables = Object.assign({}, ...inherited, hosts.get(host));
    entries.set(host, { groups: ordered.filter((name) => !IMPLICIT.has(name)), ...loginFrom(variables, home) });
  }
  return entries;
}

type ByName<Value> = ReadonlyMap<string, Value>;

function parentsOf(groups: ByName<AnsibleGroup>): ByName<readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const [name, { children }] of groups) {
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name]);
  }
  return parents;
}

/** The groups that a group is in, itself among them; each group's are found once. */
function ancestorsOf(groups: ByName<AnsibleGroup>): (name: string) => ReadonlySet<string> {
  const parents = parentsOf(groups);
  const known = new Map<string, Set<string>>();
  return (name) => {
    const found = known.get(name) ?? new Set([name]);
    if (!known.has(name)) for (const member of found) for (const parent of parents.get(member) ?? []) found.add(parent);
    known.set(name, found);
    return found;
  };
}

/** The longest way down from the top, where `all` is. Groups that contain each other, which Ansible refuses, are level. */
function depthsOf(groups: ByName<AnsibleGroup>): ByName<number> {
  const depths = new Map([...groups.keys()].map((name) => [name, name === 'all' ? 0 : 1]));
  const parents = parentsOf(groups);
  const waiting = new Map([...groups.keys()].map((name) => [name, parents.get(name)?.length ?? 0]));
  const ready = new Set([...groups.keys()].filter((name) => waiting.get(name) === 0));
  for (const name of ready) {
    for (const child of groups.get(name)?.children ?? []) {
      depths.set(child, Math.max(depths.get(child) ?? 1, (depths.get(name) ?? 0) + 1));
      waiting.set(child, (waiting.get(child) ?? 1) - 1);
      if (waiting.get(child) === 0) ready.add(child);
    }
  }
  return depths;
}
