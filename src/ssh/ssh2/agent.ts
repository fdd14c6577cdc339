/** The keys an ssh-agent holds, and an agent that shows only the one it is asked to. */
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2';

export type AgentKeys =
  | { readonly kind: 'keys'; readonly socket: string; readonly keys: readonly ParsedKey[] }
  | { readonly kind: 'unusable'; readonly why: string };

/** An agent that does not answer within this time is none. */
const ANSWER_WITHIN_MS = 2000;

export function readAgent(socket: string): Promise<AgentKeys> {
  return new Promise((resolve) => {
    const silent = setTimeout(
      () => resolve({ kind: 'unusable', why: 'the ssh-agent does not answer' }),
      ANSWER_WITHIN_MS,
    );
    ssh2.createAgent(socket).getIdentities((error, identities) => {
      clearTimeout(silent);
      if (error) resolve({ kind: 'unusable', why: 'the ssh-agent cannot be asked (SSH_AUTH_SOCK)' });
      else resolve({ kind: 'keys', socket, keys: (identities ?? []).flatMap(asParsedKey) });
    });
  });
}

/** ssh2 offers every key an agent has; a server counts each as a failed attempt. */
export function agentWithOnly(socket: string, key: ParsedKey): BaseAgent {
  const agent: BaseAgent = ssh2.createAgent(socket);
  agent.getIdentities = (done) => done(undefined, [key]);
  return agent;
}

function asParsedKey(identity: unknown): ParsedKey[] {
  const given = typeof identity === 'object' && identity !== null && 'pubKey' in identity ? identity.pubKey : identity;
  const key = given instanceof Buffer ? ssh2.utils.parseKey(given) : given;
  return key instanceof Error ? [] : [key as ParsedKey];
}
