/** Reads Ansible inventories written as YAML. Format: ansible.builtin.yaml inventory plugin. */
import { isAlias, isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { type AnsibleGroups, type AnsibleInventory, addHosts, groupOf, noGroups } from './ansible-groups.ts';
import { NOT_TEXT, SEALED, type Value, type Variables } from './ansible-login.ts';

/** What stops the reading, thrown inside this file only. */
class Stop extends Error {
  readonly node: unknown;
  readonly kind: 'garbled' | 'beyond';
  constructor(why: string, node: unknown, kind: Stop['kind'] = 'garbled') {
    super(why);
    this.node = node;
    this.kind = kind;
  }
}

/** Pure. Values of variables are kept as text. Of YAML 1.1, which Ansible reads. */
export function parseAnsibleYaml(text: string): AnsibleInventory {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent', version: '1.1' });
  const [error] = document.errors;
  if (error !== undefined)
    return { kind: 'garbled', line: error.linePos?.[0].line ?? 1, why: firstLine(error.message) };
  const read = noGroups();
  try {
    for (const [name, node] of entries(document.contents, 'the inventory')) readGroup(name, node, read);
    return { kind: 'groups', ...read };
  } catch (thrown) {
    if (!(thrown instanceof Stop)) throw thrown;
    return { kind: thrown.kind, line: lines.linePos(offset(thrown.node)).line, why: thrown.message };
  }
}

function readGroup(name: string, node: unknown, read: AnsibleGroups): void {
  if (name === 'plugin' && isScalar(node)) throw new Stop('it configures an inventory plugin', node, 'beyond');
  const group = groupOf(name, read);
  for (const [key, value] of entries(node, `group ${name}`)) {
    switch (key) {
      case 'vars':
        group.variables = { ...group.variables, ...variables(value, name) };
        break;
      case 'hosts':
        readHosts(name, value, read);
        break;
      case 'children':
        for (const [child, inner] of entries(value, `${name}.children`)) {
          group.children.add(child);
          readGroup(child, inner, read);
        }
        break;
      default:
        throw new Stop(`"${key}" is not hosts, vars or children`, value ?? node);
    }
  }
}

function readHosts(name: string, node: unknown, read: AnsibleGroups): void {
  for (const [pattern, own] of entries(node, `${name}.hosts`)) {
    if (!addHosts(pattern, variables(own, pattern), groupOf(name, read), read))
      throw new Stop(`"${pattern}" is not a host or a range of hosts`, node);
  }
}

function variables(node: unknown, where: string): Variables {
  return Object.fromEntries(entries(node, where).map(([key, value]) => [key, readValue(key, value)]));
}

/** Empty when it is set to nothing, which outweighs what is inherited. */
function readValue(key: string, node: unknown): Value {
  if (isAlias(node) && key.startsWith('ansible_'))
    throw new Stop(`${key} is an alias (*${node.source})`, node, 'beyond');
  if (node === null || node === undefined) return '';
  if (!isScalar(node)) return NOT_TEXT;
  return node.tag?.startsWith('!vault') ? SEALED : String(node.value ?? '');
}

/** The pairs of a mapping; an empty place holds none. */
function entries(node: unknown, where: string): readonly (readonly [string, unknown])[] {
  if (node === null || node === undefined || (isScalar(node) && node.value === null)) return [];
  if (!isMap(node)) throw new Stop(`${where} is not a mapping`, node);
  const pairs = (node as YAMLMap).items.map(
    ({ key, value }) => [String(isScalar(key) ? key.value : key), value] as const,
  );
  if (pairs.some(([key]) => key === '<<' || key === 'Symbol(<<)'))
    throw new Stop(`${where} has a merge key (<<)`, node, 'beyond');
  return pairs;
}

function offset(node: unknown): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '');
}
