/** What ssh_config says about a host: `ssh -G` where there is an ssh, the ssh-config package where there is none. */
import { readFile } from 'node:fs/promises';
import { withoutSecrets } from '#domain/without-secrets.ts';
import { askProgram } from './ask-program.ts';
import type { Say } from './features.ts';
import type { HostEntry } from './host-entry.ts';

/** ssh's own identity files, which it lists whether they exist or not: ssh(1). */
export const DEFAULT_IDENTITIES: readonly string[] = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const ALL_DEFAULTS = /\/\.ssh\/id_(?:rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;
const ANSWER_WITHIN_MS = 5000;
const MOST_ANSWERED = 1 << 20;

export interface SshEntry {
  readonly kind: 'entry';
  readonly entry: HostEntry;
  readonly say: Say;
}

export type SshAnswer = SshEntry | { readonly kind: 'invalid'; readonly why: string };

/** `name` is a parsed host name; it is an argument of its own and never part of a shell's line. */
export async function askSsh(name: string, file: string, home: string, signal: AbortSignal): Promise<SshAnswer> {
  const { end, answer, said } = await askProgram({
    ...{ program: 'ssh', args: ['-G', '-F', file, '--', name], env: withoutSecrets(process.env), signal },
    ...{ withinMs: ANSWER_WITHIN_MS, mostBytes: MOST_ANSWERED },
  });
  if (end === 0) return parseAnswer(answer, home);
  if (end === 'ENOENT') return withoutSsh(name, file, home);
  const hanging = typeof end === 'string' ? ': a command of Match exec may hang' : '';
  return { kind: 'invalid', why: reasonIn(said) || `ssh -G ended with ${end}${hanging}` };
}

/** The first line of theirs that it does not understand; the last one only counts them. */
function reasonIn(said: string): string {
  const lines = said.trim().split('\n');
  return (lines.find((line) => / line \d+: /.test(line)) ?? lines.at(-1) ?? '').trim().replace(/\.$/, '');
}

/** Pure. Lines of `keyword value`, keywords in lower case. */
export function parseAnswer(text: string, home: string): SshEntry {
  const said = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ');
    if (at > 0) said.set(line.slice(0, at), [...(said.get(line.slice(0, at)) ?? []), line.slice(at + 1).trim()]);
  }
  return answerFrom((keyword) => said.get(keyword) ?? [], home);
}

/** ssh_config as the package reads it: without Include and Match exec. */
export async function withoutSsh(name: string, file: string, home: string): Promise<SshEntry> {
  const { default: config } = await import('ssh-config');
  const computed = config.parse(await readFile(file, 'utf8')).compute(name, { ignoreCase: true });
  const said = new Map(
    Object.entries(computed).map(([keyword, value]) => [keyword.toLowerCase(), [value].flat().map(String)]),
  );
  return answerFrom((keyword) => said.get(keyword) ?? [], home);
}

function answerFrom(say: Say, home: string): SshEntry {
  return { kind: 'entry', entry: entryFrom(say, home), say };
}

function entryFrom(say: Say, home: string): HostEntry {
  const [address] = say('hostname');
  const [port] = say('port');
  const [user] = say('user');
  const [hostKeyAlias] = say('hostkeyalias');
  // With its scheme a hop is an address even when it is a bare word: ssh would ask DNS for it.
  const hops = (say('proxyjump')[0] ?? 'none').split(',').filter((hop) => hop !== 'none');
  const jump = hops.map((hop) => (hop.startsWith('ssh://') ? hop : `ssh://${hop}`));
  const identityFiles = say('identityfile')
    .map((path) => path.replace(/^"(.*)"$/, '$1').replace(/^~(?=\/)/, home))
    .filter((path) => path !== 'none' && !ALL_DEFAULTS.test(path));
  return {
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port: Number(port) }),
    ...(user !== undefined && { user }),
    ...(hostKeyAlias !== undefined && { hostKeyAlias }),
    ...(jump.length > 0 && { jump }),
    ...(identityFiles.length > 0 && { identityFiles }),
  };
}
