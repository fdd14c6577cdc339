/**
 * Reads Ansible inventories. ansible-inventory is asked wherever Ansible may know more than our own readers: they read at
 * once what is plain, and everything they can where there is no ansible-inventory.
 */
import { access, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AnsibleGroups, type AnsibleInventory, mergeGroups } from './ansible-groups.ts';
import { parseAnsibleIni } from './ansible-ini.ts';
import { parseAnsibleYaml } from './ansible-yaml.ts';
import { type AnsibleQuestion, askAnsible } from './ask-ansible.ts';

export interface AnsibleSources extends AnsibleQuestion {
  readonly home: string;
  /** Told when ansible-inventory is asked, which takes a second or more. */
  readonly onAsk?: (answer: Promise<unknown>) => void;
}

/** `unread`: directories of variables that only Ansible reads, where there is none. */
export interface AnsibleRead extends AnsibleGroups {
  readonly unread: readonly string[];
}

/** One file, as we see it ourselves. */
type Look =
  /** `plain`: Ansible would read the same. */
  | {
      readonly kind: 'read';
      readonly plain: boolean;
      readonly groups: AnsibleGroups;
      /** Directories of variables. */
      readonly beside: readonly string[];
    }
  /** `message`: one sentence that names the file; `beyond`: and says that it takes Ansible. */
  | { readonly kind: 'garbled' | 'beyond' | 'gone'; readonly message: string };

const INSTALL = 'Install ansible-core: its ansible-inventory reads it.';

/** One sentence when they cannot be read; it names the file. */
export async function readAnsible(sources: AnsibleSources): Promise<AnsibleRead | string> {
  const looks = await Promise.all(sources.files.map(look));
  const gone = messageOf('gone', looks);
  if (gone !== undefined) return gone;
  const own = together(looks);
  const plain = looks.every((each) => each.kind === 'read' && each.plain);
  if (looks.length === 0 || (plain && !(await isSetApart(sources)))) return own;
  const asked = askAnsible(sources);
  sources.onAsk?.(asked);
  const answer = await asked;
  if (answer.kind === 'groups') return { ...answer, unread: [] };
  if (answer.kind === 'absent') return own;
  // What both refuse, we refuse by its line.
  return messageOf('garbled', looks) ?? refusal(answer.why, sources);
}

function refusal(why: string, { files }: AnsibleSources): string {
  const next = /vault|\bprompt\b/i.test(why)
    ? 'No vault password is asked for here: name a file that holds it in ANSIBLE_VAULT_PASSWORD_FILE, or as vault_password_file in ansible.cfg.'
    : `See all that it says: ansible-inventory --list ${files.map((file) => `-i ${file}`).join(' ')}`;
  return `ansible-inventory cannot read ${files.join(', ')}: ${why}. ${next}`;
}

function messageOf(wanted: Look['kind'], looks: readonly Look[]): string | undefined {
  return looks.flatMap((each) => (each.kind === wanted && each.kind !== 'read' ? [each.message] : []))[0];
}

function together(looks: readonly Look[]): AnsibleRead | string {
  const read: AnsibleGroups[] = [];
  const unread = new Set<string>();
  for (const each of looks) {
    if (each.kind !== 'read') return each.message;
    read.push(each.groups);
    for (const directory of each.beside) unread.add(directory);
  }
  return { ...mergeGroups(read), unread: [...unread] };
}

async function look(file: string): Promise<Look> {
  let text: string;
  let executable: boolean;
  try {
    await using handle = await open(file);
    const stats = await handle.stat();
    if (stats.isDirectory()) return { kind: 'beyond', message: `${file} is a directory. ${INSTALL}` };
    executable = (stats.mode & 0o111) !== 0;
    text = await handle.readFile('utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT') return { kind: 'gone', message: `inventory.ansible names ${file}, which does not exist.` };
    return { kind: 'gone', message: `${file} cannot be read (${code}).` };
  }
  if (text.startsWith('#!')) return { kind: 'beyond', message: `${file} is a program. ${INSTALL}` };
  const parsed = parse(file, text);
  if (parsed.kind !== 'groups') {
    const message = `${file} line ${parsed.line} cannot be read as an Ansible inventory: ${parsed.why}.`;
    return { kind: parsed.kind, message: parsed.kind === 'beyond' ? `${message} ${INSTALL}` : message };
  }
  const beside = await variablesBeside(file);
  return { kind: 'read', plain: !executable && !hasPriorities(parsed) && beside.length === 0, groups: parsed, beside };
}

function parse(file: string, text: string): AnsibleInventory {
  return /\.ya?ml$/i.test(file) ? parseAnsibleYaml(text) : parseAnsibleIni(text);
}

/** They turn the order of groups around, of which we know only the depth. */
function hasPriorities({ groups }: AnsibleGroups): boolean {
  return [...groups.values()].some(({ variables }) => 'ansible_group_priority' in variables);
}

async function variablesBeside(file: string): Promise<readonly string[]> {
  return whichAreThere(['group_vars', 'host_vars'].map((name) => join(dirname(file), name)));
}

/** Settings of Ansible by which it reads a plain file otherwise than we do: other plugins, another order, other names. */
const SETTINGS =
  /^\s*(?:enable_plugins|inventory_plugins|vars_plugins|vars_plugins_enabled|precedence|force_valid_group_names)\s*[=:]/m;
const VARIABLES = /^ANSIBLE_(?:INVENTORY_ENABLED|INVENTORY_PLUGINS|VARS_\w+|PRECEDENCE|TRANSFORM_INVALID_GROUP_CHARS)$/;

async function isSetApart({ env, directory, home }: AnsibleSources): Promise<boolean> {
  if (Object.keys(env).some((name) => VARIABLES.test(name))) return true;
  const named = env['ANSIBLE_CONFIG'];
  const places = [join(directory, 'ansible.cfg'), join(home, '.ansible.cfg'), '/etc/ansible/ansible.cfg'];
  const [file] = await whichAreThere(named === undefined ? places : [named, ...places]);
  if (file === undefined) return false;
  // A directory, or a file that is not ours to read: Ansible knows.
  return readFile(file, 'utf8').then(
    (text) => SETTINGS.test(text),
    () => true,
  );
}

async function whichAreThere(paths: readonly string[]): Promise<readonly string[]> {
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
