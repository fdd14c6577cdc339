/** Reads Ansible inventories written as INI. Format: ansible.builtin.ini inventory plugin. */
import {
  type AnsibleGroup,
  type AnsibleGroups,
  type AnsibleInventory,
  addHosts,
  groupOf,
  noGroups,
} from './ansible-groups.ts';
import { splitWords } from './words.ts';

type Section = { readonly name: string; readonly kind: 'hosts' | 'vars' | 'children' };

const SECTION = /^\[(?<name>[^:\]\s]+)(?::(?<kind>\w+))?\]\s*(?:[#;].*)?$/;

/** Pure. A line that is none of what a section holds makes the whole file garbled: guessing could reach wrong hosts. */
export function parseAnsibleIni(text: string): AnsibleInventory {
  const read = noGroups();
  let section: Section = { name: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const problem = line.startsWith('[') && !/^\[[^\]]*\][^\s#;]/.test(line) ? enter(line) : take(line);
    if (problem !== undefined) return { kind: 'garbled', line: index + 1, why: problem };
  }
  return { kind: 'groups', ...read };

  function enter(line: string): string | undefined {
    const { name, kind = 'hosts' } = SECTION.exec(line)?.groups ?? {};
    if (name === undefined) return `"${line}" is not a section: write [group], [group:vars] or [group:children]`;
    if (kind !== 'hosts' && kind !== 'vars' && kind !== 'children') return `":${kind}" is neither :vars nor :children`;
    section = { name, kind };
    groupOf(name, read);
    return undefined;
  }

  function take(line: string): string | undefined {
    const group = groupOf(section.name, read);
    if (section.kind === 'hosts') return takeHosts(line, group, read);
    if (section.kind === 'children') {
      const child = line.replace(/\s*[#;].*$/, '');
      if (/\s/.test(child)) return `"${line}" is not the name of a group`;
      group.children.add(child);
      groupOf(child, read);
      return undefined;
    }
    const at = line.indexOf('=');
    if (at < 1) return `"${line}" sets no variable: write name=value`;
    group.variables = { ...group.variables, [line.slice(0, at).trim()]: unquote(line.slice(at + 1).trim()) };
    return undefined;
  }
}

function takeHosts(line: string, group: AnsibleGroup, into: AnsibleGroups): string | undefined {
  const words = splitWords(line);
  if (words === undefined) return `"${line}" has a quote that is not closed`;
  const [pattern = '', ...settings] = words;
  const { name = pattern, port } = /^(?<name>[^:]+|[^[]*\[[^\]]*\][^:]*):(?<port>\d+)$/.exec(pattern)?.groups ?? {};
  const variables: Record<string, string> = port === undefined ? {} : { ansible_port: port };
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 1) return `"${setting}" sets no variable: write name=value`;
    variables[setting.slice(0, at)] = setting.slice(at + 1);
  }
  return addHosts(name, variables, group, into) ? undefined : `"${pattern}" is not a host or a range of hosts`;
}

/** Values under :vars are read as Python literals, of which strings and whole numbers matter here; a comment may follow. */
function unquote(value: string): string {
  const { text, number } =
    /^(?:(?<quote>['"])(?<text>.*?)\k<quote>|(?<number>\d+))\s*(?:#.*)?$/.exec(value)?.groups ?? {};
  return text ?? number ?? value;
}
