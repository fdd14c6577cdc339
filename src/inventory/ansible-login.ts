/** From Ansible's variables of a host to the login it means. */
import { wayIn } from './ansible-way.ts';
import type { HostEntry } from './host-entry.ts';

/** A value that is no text we could use; half a sentence says what it is. */
export interface Unusable {
  readonly unusable: string;
}

export type Value = string | Unusable;

/** By name; one that is set to nothing is empty. */
export type Variables = Readonly<Record<string, Value>>;

export const SEALED: Unusable = { unusable: 'is encrypted with Ansible Vault' };
export const NOT_TEXT: Unusable = { unusable: 'is neither text nor a number' };

/** What Ansible's ssh gets before its arguments for the host, in its order: ssh takes what is said first. */
const ARGUMENTS = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'];

/** Pure. */
export function loginFrom(variables: Variables, home: string): HostEntry {
  const said: Record<string, string> = {};
  const find = (...names: readonly string[]) => {
    const name = names.find((each) => variables[each] !== undefined && variables[each] !== '');
    return name === undefined ? undefined : { name, value: variables[name] as Value };
  };
  const wanted = {
    address: find('ansible_host', 'ansible_ssh_host'),
    port: find('ansible_port', 'ansible_ssh_port'),
    user: find('ansible_user', 'ansible_ssh_user'),
    key: find('ansible_ssh_private_key_file', 'ansible_private_key_file'),
  };
  for (const [key, found] of Object.entries(wanted)) {
    if (found === undefined) continue;
    const { name, value } = found;
    if (typeof value !== 'string') return { unusable: `${name} in its Ansible inventory ${value.unusable}` };
    if (isTemplate(value))
      return { unusable: `its Ansible inventory uses a template (${value}), which only Ansible can fill in` };
    said[key] = value;
  }
  const { address, port, user, key } = said;
  if (port !== undefined && !isPort(port)) return { unusable: `its Ansible inventory says port ${port}` };
  return {
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port: Number(port) }),
    ...(user !== undefined && { user }),
    ...(key !== undefined && { identityFiles: [key.replace(/^~(?=\/)/, home)] }),
    ...wayFrom(variables),
  };
}

/** Only a template that has to do with the way keeps us from it. */
function wayFrom(variables: Variables): HostEntry {
  const values = ARGUMENTS.map((name) => variables[name]).filter((value) => typeof value === 'string');
  const text = values.join(' ');
  if (isTemplate(text) && /-J|Proxy/i.test(text))
    return { unusable: `its Ansible inventory uses a template (${text}), which only Ansible can fill in` };
  return wayIn(text);
}

function isTemplate(value: string): boolean {
  return /\{[{%]/.test(value);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
