/** Which keys to try on a host, and in which order. */
import type { BaseAgent, ParsedKey } from 'ssh2';
import { type AgentKeys, agentWithOnly, readAgent } from './agent.ts';
import { type Identity, parseIdentity, readIdentity } from './key-file.ts';

export interface CredentialOptions {
  /** SSH_AUTH_SOCK, where an agent may be asked. */
  readonly agentSocket?: string | undefined;
  /** For all encrypted keys. */
  readonly passphrase?: string | undefined;
  /** Asks a person; undefined when they do not say. */
  readonly askPassphrase?: ((file: string) => Promise<string | undefined>) | undefined;
}

export type Attempt =
  | { readonly kind: 'key'; readonly what: string; readonly key: ParsedKey }
  | { readonly kind: 'agent'; readonly what: string; readonly agent: BaseAgent };

export interface Credentials {
  readonly attempts: readonly Attempt[];
  /** Why some keys cannot be tried, each half a sentence. */
  readonly problems: readonly string[];
}

/** sshd's MaxAuthTries: it hangs up at the sixth failure, whatever could have come next. */
const MOST_ATTEMPTS = 6;

/** Finds credentials; remembers keys that took a passphrase to open. */
export function createKeyring(options: CredentialOptions): (files: readonly string[]) => Promise<Credentials> {
  const opened = new Map<string, Promise<Identity>>();

  function open(file: string, text: string): Promise<Identity> {
    const before = opened.get(text);
    if (before !== undefined) return before;
    const now = unlock(file, text, options).then((identity) => {
      if (identity.kind !== 'usable') opened.delete(text);
      return identity;
    });
    opened.set(text, now);
    return now;
  }

  return async (files) => {
    const [agent, identities] = await Promise.all([
      options.agentSocket === undefined ? undefined : readAgent(options.agentSocket),
      Promise.all(files.map(readIdentity)),
    ]);
    const held = agent?.kind === 'keys' ? agent.keys : [];
    const unlocked: Identity[] = [];
    // One after the other: each may ask a person.
    for (const identity of identities) {
      const locked = identity.kind === 'locked' && findKey(held, identity.publicKey) === undefined;
      unlocked.push(locked ? await open(identity.file, identity.text) : identity);
    }
    return arrange(unlocked, agent);
  };
}

async function unlock(file: string, text: string, { passphrase, askPassphrase }: CredentialOptions): Promise<Identity> {
  const known = passphrase === undefined ? undefined : parseIdentity(file, text, passphrase);
  if (known?.kind === 'usable') return known;
  const asked = await askPassphrase?.(file);
  if (asked !== undefined) return parseIdentity(file, text, asked);
  const advice = 'set TCP_ONCALL_KEY_PASSPHRASE or add it to the ssh-agent';
  return known ?? { kind: 'unusable', file, why: `${file} needs a passphrase (${advice})` };
}

/** The named files in their order, by the agent where it holds them; then what else the agent has. Pure. */
export function arrange(identities: readonly Identity[], agent: AgentKeys | undefined): Credentials {
  const held = agent?.kind === 'keys' ? agent.keys : [];
  const socket = agent?.kind === 'keys' ? agent.socket : '';
  const problems: string[] = agent?.kind === 'unusable' ? [agent.why] : [];
  const attempts: Attempt[] = [];
  const tried: Buffer[] = [];

  for (const identity of identities) {
    if (identity.kind === 'usable') {
      attempts.push({ kind: 'key', what: identity.file, key: identity.key });
      tried.push(identity.key.getPublicSSH());
      continue;
    }
    const key = identity.kind === 'unusable' ? undefined : findKey(held, identity.publicKey);
    if (key !== undefined) {
      attempts.push({ kind: 'agent', what: `${identity.file} in the agent`, agent: agentWithOnly(socket, key) });
      tried.push(key.getPublicSSH());
    } else {
      problems.push(identity.kind === 'unusable' ? identity.why : `${identity.file} is not in the agent`);
    }
  }
  for (const key of held) {
    if (tried.some((other) => other.equals(key.getPublicSSH()))) continue;
    attempts.push({
      kind: 'agent',
      what: `${key.comment || key.type} in the agent`,
      agent: agentWithOnly(socket, key),
    });
  }
  return { attempts: attempts.slice(0, MOST_ATTEMPTS), problems };
}

function findKey(held: readonly ParsedKey[], publicKey: Buffer | undefined): ParsedKey | undefined {
  return held.find((key) => publicKey !== undefined && key.getPublicSSH().equals(publicKey));
}
