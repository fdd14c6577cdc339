/** What Ansible makes of inventories: `ansible-inventory --list`, whose answer is as hostile as what plugins bring. */
import { z } from 'zod';
import { type AnsibleGroups, addHost, groupOf, noGroups } from './ansible-groups.ts';
import { NOT_TEXT, SEALED, type Value, type Variables } from './ansible-login.ts';
import { askProgram } from './ask-program.ts';

export interface AnsibleQuestion {
  /** Absolute; an earlier file weighs more. */
  readonly files: readonly string[];
  /** Where it runs, and so where an ansible.cfg counts. */
  readonly directory: string;
  /** Without what a plugin must not see. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export type AnsibleAnswer =
  | ({ readonly kind: 'groups' } & AnsibleGroups)
  /** There is no ansible-inventory on the PATH. */
  | { readonly kind: 'absent' }
  /** `why`: half a sentence. */
  | { readonly kind: 'failed'; readonly why: string };

/** A cloud's API may be asked page by page. */
const ANSWER_WITHIN_MS = 60_000;
/** Some 10,000 hosts of a cloud with all that it says of them. */
const MOST_ANSWERED = 64 << 20;
const LONGEST_REASON = 400;

/** The person's own settings hold, but for these: one JSON document, no question, and no source left out with a warning. */
const SETTINGS = {
  ANSIBLE_ASK_VAULT_PASS: '0',
  ANSIBLE_DEBUG: '0',
  ANSIBLE_FORCE_COLOR: '0',
  ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: '1',
  ANSIBLE_INVENTORY_EXPORT: '0',
  ANSIBLE_NOCOLOR: '1',
  ANSIBLE_VERBOSITY: '0',
};

/** All in one question, as a plugin may build on what the files before it say. */
export async function askAnsible(question: AnsibleQuestion): Promise<AnsibleAnswer> {
  // The last one wins there.
  const sources = question.files.toReversed().flatMap((file) => ['-i', file]);
  const { end, answer, said } = await askProgram({
    ...{ program: 'ansible-inventory', args: ['--list', ...sources], directory: question.directory },
    ...{ env: { ...question.env, ...SETTINGS }, signal: question.signal },
    ...{ withinMs: ANSWER_WITHIN_MS, mostBytes: MOST_ANSWERED },
  });
  if (end === 'ENOENT') return { kind: 'absent' };
  if (end !== 0) return { kind: 'failed', why: reasonIn(said) || `it ended with ${end}` };
  return parseAnswer(answer);
}

const names = z.array(z.string()).default([]);
const groupSchema = z.object({ hosts: names, children: names });
const value = z.unknown().transform(asValue).optional();
/** The variables that a login is made of; of all others a cloud's plugin brings kilobytes a host. */
const variablesSchema = z.object({
  ansible_host: value,
  ansible_ssh_host: value,
  ansible_port: value,
  ansible_ssh_port: value,
  ansible_user: value,
  ansible_ssh_user: value,
  ansible_ssh_private_key_file: value,
  ansible_private_key_file: value,
  ansible_ssh_args: value,
  ansible_ssh_common_args: value,
  ansible_ssh_extra_args: value,
});
const answerSchema = z
  .object({ _meta: z.object({ hostvars: z.record(z.string(), variablesSchema) }) })
  .catchall(groupSchema);

/** Pure. Variables of groups are part of each host's already. */
export function parseAnswer(text: string): AnsibleAnswer {
  const document = parseJson(text);
  const parsed = answerSchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map(String).join('.') || 'the answer';
    return { kind: 'failed', why: `its answer is not an inventory (${place})` };
  }
  const { _meta, ...groups } = parsed.data;
  const hostvars = new Map(Object.entries(_meta.hostvars));
  const read = noGroups();
  for (const [name, { hosts, children }] of Object.entries(groups)) {
    const group = groupOf(name, read);
    for (const child of children) group.children.add(child);
    for (const host of hosts) addHost(host, said(hostvars.get(host)), group, read);
  }
  return { kind: 'groups', ...read };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asValue(found: unknown): Value | undefined {
  if (found === null || found === undefined) return undefined;
  if (typeof found === 'object') return '__ansible_vault' in found ? SEALED : NOT_TEXT;
  return String(found);
}

function said(variables: Readonly<Record<string, Value | undefined>> = {}): Variables {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, found]) => (found === undefined ? [] : [[name, found]])),
  );
}

/** Pure. Its last message; where that only says that a source could not be read, what the first plugin found wrong with it. */
export function reasonIn(said: string): string {
  const messages = said
    .split(/\n(?=\[[A-Z ]+\]:|ERROR!)/)
    .map((message) =>
      message
        .replaceAll(/\s+/g, ' ')
        .replace(/^(?:\[[A-Z ]+\]:|ERROR!) */, '')
        .trim(),
    )
    .filter((message) => message !== '');
  const last = messages.at(-1) ?? '';
  const plugin = messages.find((message) => /\bFailed to parse .* plugin: /.test(message));
  const reason = /Completely failed to parse/.test(last) && plugin !== undefined ? plugin.replace(/^\* /, '') : last;
  return (reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason).replace(/\.+$/, '');
}
