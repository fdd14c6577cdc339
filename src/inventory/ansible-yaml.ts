/** Reads Ansible inventories written as YAML. Format: ansible.builtin.yaml inventory plugin. */
import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { type AnsibleInventory, addHosts, type Draft, draftOf, type Variables } from './ansible-groups.ts';

/** What stops the reading, thrown inside this file only. */
class Garbled extends Error {
  readonly node: unknown;
  constructor(why: string, node: unknown) {
    super(why);
    this.node = node;
  }
}

/** Pure. Values of variables are kept as text; those that are not text, numbers or booleans are left out. */
export function parseAnsibleYaml(text: string): AnsibleInventory {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined)
    return { kind: 'garbled', line: error.linePos?.[0].line ?? 1, why: firstLine(error.message) };
  const groups = new Map<string, Draft>();
  try {
    for (const [name, node] of entries(document.contents, 'the inventory')) readGroup(name, node, groups);
    return { kind: 'groups', groups };
  } catch (thrown) {
    if (!(thrown instanceof Garbled)) throw thrown;
    return { kind: 'garbled', line: lines.linePos(offset(thrown.node)).line, why: thrown.message };
  }
}

function readGroup(name: string, node: unknown, groups: Map<string, Draft>): void {
  const group = draftOf(name, groups);
  for (const [key, value] of entries(node, `group ${name}`)) {
    if (key === 'vars') group.variables = { ...group.variables, ...variables(value, name) };
    else if (key === 'hosts')
      for (const [host, own] of entries(value, `${name}.hosts`)) readHost(host, own, group, value);
    else if (key === 'children') {
      for (const [child, inner] of entries(value, `${name}.children`)) {
        group.children.push(child);
        readGroup(child, inner, groups);
      }
    } else throw new Garbled(`"${key}" is not hosts, vars or children`, value ?? node);
  }
}

function readHost(pattern: string, node: unknown, group: Draft, parent: unknown): void {
  if (!addHosts(pattern, variables(node, pattern), group))
    throw new Garbled(`"${pattern}" is not a host or a range of hosts`, parent);
}

function variables(node: unknown, where: string): Variables {
  const values: Record<string, string> = {};
  for (const [key, value] of entries(node, where)) {
    if (isScalar(value) && value.value !== null) values[key] = String(value.value);
  }
  return values;
}

/** The pairs of a mapping; an empty place holds none. */
function entries(node: unknown, where: string): readonly (readonly [string, unknown])[] {
  if (node === null || node === undefined || (isScalar(node) && node.value === null)) return [];
  if (!isMap(node)) throw new Garbled(`${where} is not a mapping`, node);
  return (node as YAMLMap).items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), value]);
}

function offset(node: unknown): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '');
}
