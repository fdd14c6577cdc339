/** Reads Ansible inventories written as INI. Format: ansible.builtin.ini inventory plugin. */
import type { AnsibleGroup, AnsibleInventory, Variables } from './ansible-groups.ts';
import { expandRange } from './host-range.ts';
import { splitWords } from './words.ts';

interface Draft {
  readonly hosts: Map<string, Variables>;
  variables: Variables;
  readonly children: string[];
}

type Section = { readonly name: string; readonly kind: 'hosts' | 'vars' | 'children' };

const SECTION = /^\[(?<name>[^:\]\s]+)(?::(?<kind>\w+))?\]\s*(?:[#;].*)?$/;

/** Pure. A line that is none of what a section holds makes the whole file garbled: guessing could reach wrong hosts. */
export function parseAnsibleIni(text: string): AnsibleInventory {
  const groups = new Map<string, Draft>();
  let section: Section = { name: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const problem = line.startsWith('[') && !/^\[[^\]]*\][^\s#;]/.test(line) ? enter(line) : take(line);
    if (problem !== undefined) return { kind: 'garbled', line: index + 1, why: problem };
  }
  return { kind: 'groups', groups: groups satisfies ReadonlyMap<string, AnsibleGroup> };

  function enter(line: string): string | undefined {
    const { name, kind = 'hosts' } = SECTION.exec(line)?.groups ?? {};
    if (name === undefined) return `"${line}" is not a section: write [group], [group:vars] or [group:children]`;
    if (kind !== 'hosts' && kind !== 'vars' && kind !== 'children') return `":${kind}" is neither :vars nor :children`;
    section = { name, kind };
    draft(name);
    return undefined;
  }

  function take(line: string): string | undefined {
    const group = draft(section.name);
    if (section.kind === 'hosts') return takeHosts(line, group);
    if (section.kind === 'children') {
      const child = line.replace(/\s*[#;].*$/, '');
      if (/\s/.test(child)) return `"${line}" is not the name of a group`;
      group.children.push(child);
      draft(child);
      return undefined;
    }
    const at = line.indexOf('=');
    if (at < 1) return `"${line}" sets no variable: write name=value`;
    group.variables = { ...group.variables, [line.slice(0, at).trim()]: unquote(line.slice(at + 1).trim()) };
    return undefined;
  }

  function draft(name: string): Draft {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const made: Draft = { hosts: new Map(), variables: {}, children: [] };
    groups.set(name, made);
    return made;
  }
}

function takeHosts(line: string, group: Draft): string | undefined {
  const words = splitWords(line);
  if (words === undefined) return `"${line}" has a quote that is not closed`;
  const [pattern = '', ...settings] = words;
  const { name = pattern, port } = /^(?<name>[^:]+|[^[]*\[[^\]]*\][^:]*):(?<port>\d+)$/.exec(pattern)?.groups ?? {};
  const names = expandRange(name);
  if (names === undefined) return `"${pattern}" is not a host or a range of hosts`;
  const variables: Record<string, string> = port === undefined ? {} : { ansible_port: port };
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 1) return `"${setting}" sets no variable: write name=value`;
    variables[setting.slice(0, at)] = setting.slice(at + 1);
  }
  for (const host of names) group.hosts.set(host, { ...group.hosts.get(host), ...variables });
  return undefined;
}

/** Values under :vars are read as Python literals, of which only strings matter here. */
function unquote(value: string): string {
  return /^(['"]).*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}
