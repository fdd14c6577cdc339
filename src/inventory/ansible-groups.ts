/** What Ansible inventories come to, whichever way they are written: groups with hosts, variables and children. */
import type { HostEntry } from './host-entry.ts';
import { expandRange } from './host-range.ts';

export type Variables = Readonly<Record<string, string>>;

export interface AnsibleGroup {
  readonly hosts: ReadonlyMap<string, Variables>;
  readonly variables: Variables;
  readonly children: readonly string[];
}

/** A group while its file is read. */
export interface Draft {
  readonly hosts: Map<string, Variables>;
  variables: Variables;
  readonly children: string[];
}

/** The group of that name, which is there from its first mention on. */
export function draftOf(name: string, groups: Map<string, Draft>): Draft {
  const draft = groups.get(name) ?? { hosts: new Map(), variables: {}, children: [] };
  groups.set(name, draft);
  return draft;
}

/** Gives each host of a pattern these variables; false when a range in it cannot be counted. */
export function addHosts(pattern: string, variables: Variables, { hosts }: Draft): boolean {
  const names = expandRange(pattern);
  for (const host of names ?? []) hosts.set(host, { ...hosts.get(host), ...variables });
  return names !== undefined;
}

export type AnsibleInventory =
  | { readonly kind: 'groups'; readonly groups: ReadonlyMap<string, AnsibleGroup> }
  /** `line` counts from 1. */
  | { readonly kind: 'garbled'; readonly line: number; readonly why: string };

/** Groups every host is in without being told. */
const IMPLICIT = new Set(['all', 'ungrouped']);

/** Every host with its variables: those of the outer groups first, then the inner, then its own (Ansible's precedence). */
export function ansibleHosts(groups: ReadonlyMap<string, AnsibleGroup>, home: string): ReadonlyMap<string, HostEntry> {
  const memberships = new Map<string, Set<string>>();
  for (const [name, group] of groups) {
    for (const host of group.hosts.keys()) {
      const known = memberships.get(host) ?? new Set<string>(['all']);
      for (const ancestor of withAncestors(name, groups)) known.add(ancestor);
      memberships.set(host, known);
    }
  }
  const depths = new Map([...groups.keys()].map((name) => [name, depth(name, groups)]));
  const hosts = new Map<string, HostEntry>();
  for (const [host, names] of memberships) {
    const ordered = [...names].sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || (a < b ? -1 : 1));
    const inherited = ordered.map((name) => groups.get(name)?.variables ?? {});
    const own = ordered.map((name) => groups.get(name)?.hosts.get(host) ?? {});
    hosts.set(
      host,
      entry(
        Object.assign({}, ...inherited, ...own),
        ordered.filter((name) => !IMPLICIT.has(name)),
        home,
      ),
    );
  }
  return hosts;
}

function withAncestors(name: string, groups: ReadonlyMap<string, AnsibleGroup>): ReadonlySet<string> {
  const found = new Set([name]);
  for (const member of found) {
    for (const [parent, { children }] of groups) if (children.includes(member)) found.add(parent);
  }
  return found;
}

/** The longest way down from the top; a group that is its own ancestor is met once. */
function depth(name: string, groups: ReadonlyMap<string, AnsibleGroup>, above: readonly string[] = []): number {
  const parents = [...groups].filter(([parent, { children }]) => children.includes(name) && !above.includes(parent));
  if (parents.length === 0) return name === 'all' ? 0 : 1;
  return 1 + Math.max(...parents.map(([parent]) => depth(parent, groups, [...above, name])));
}

function entry(variables: Variables, groups: readonly string[], home: string): HostEntry {
  const say = (...names: readonly string[]) =>
    names.map((name) => variables[name]).find((value) => value !== undefined && value !== '');
  const address = say('ansible_host', 'ansible_ssh_host');
  const port = say('ansible_port', 'ansible_ssh_port');
  const user = say('ansible_user', 'ansible_ssh_user');
  const key = say('ansible_ssh_private_key_file', 'ansible_private_key_file');
  const template = [address, port, user, key].find((value) => value?.includes('{{'));
  if (template !== undefined)
    return { groups, unusable: `its Ansible inventory uses a template (${template}), which only Ansible can fill in` };
  if (port !== undefined && !isPort(port)) return { groups, unusable: `its Ansible inventory says port ${port}` };
  return {
    groups,
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port: Number(port) }),
    ...(user !== undefined && { user }),
    ...(key !== undefined && { identityFiles: [key.replace(/^~(?=\/)/, home)] }),
  };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
