/** What a login from here can draw on: looked up anew for each host, since people add keys, and renew certificates by the hour. */
import { readFile, stat } from 'node:fs/promises';
import type { KnownAs, Surroundings } from '#domain/surroundings.ts';
import { readAgentKeyTypes } from './agent-key-types.ts';
import { isListed, type KnownKey, keyType, lookupName, parseKnownHosts } from './known-hosts.ts';
import { embeddedPublicKey } from './ssh2/key-file.ts';

interface SurroundingsOptions {
  readonly knownHosts: readonly string[];
  /** SSH_AUTH_SOCK, where an agent may be asked. */
  readonly agentSocket: string | undefined;
}

const AGENT_ANSWERS_WITHIN_MS = 1000;
/** An agent is asked once for hosts that are looked up together. */
const AGENT_KNOWN_FOR_MS = 5000;

export function createSurroundings({ knownHosts, agentSocket }: SurroundingsOptions): Surroundings {
  const authorities = createAuthorities();
  let agent: { readonly askedAt: number; readonly types: Promise<readonly string[]> } | undefined;

  async function agentKeyTypes(): Promise<readonly string[]> {
    if (agentSocket === undefined) return [];
    const now = performance.now();
    if (agent === undefined || now - agent.askedAt > AGENT_KNOWN_FOR_MS)
      agent = { askedAt: now, types: readAgentKeyTypes(agentSocket, AGENT_ANSWERS_WITHIN_MS) };
    return agent.types;
  }

  async function hasAuthority(host: KnownAs, more: readonly string[]): Promise<boolean> {
    const name = lookupName(host);
    const all = await Promise.all([...knownHosts, ...more].map(authorities));
    // An authority is mostly for names, whatever the port: ssh looks for one without it too.
    const names = [name, (host.hostKeyAlias ?? host.address).toLowerCase()];
    return all.flat().some((known) => names.some((each) => isListed(known, each)));
  }

  return {
    knownHosts,
    keyTypes: async (files) => (await Promise.all(files.map(typesOf))).flat(),
    agentKeyTypes,
    hasAuthority,
  };
}

/** Of the key in a file, and of the certificate that ssh finds beside it. */
async function typesOf(file: string): Promise<readonly string[]> {
  const [key, certificate] = await Promise.all([read(file), read(`${file}-cert.pub`)]);
  const inside = embeddedPublicKey(key);
  const type = inside === undefined ? firstWord(key) : keyType(inside);
  return [type, firstWord(certificate)].filter((each) => each !== undefined && each !== '') as string[];
}

/** Of a public key's line, its type. */
function firstWord(text: string): string | undefined {
  return /^\S{1,100}(?= )/.exec(text)?.[0];
}

/** What cannot be read says nothing; the login itself tells why it could not be. */
async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** The authorities that a known_hosts file lists, read again when it has changed: it may list thousands of hosts, and a worker looks up as many. */
function createAuthorities(): (file: string) => Promise<readonly KnownKey[]> {
  const seen = new Map<string, { readonly stamp: string; readonly keys: Promise<readonly KnownKey[]> }>();
  return async (file) => {
    const there = await stat(file).catch(() => undefined);
    const stamp = there === undefined ? '' : `${there.mtimeMs} ${there.size} ${there.ino}`;
    const before = seen.get(file);
    if (before?.stamp === stamp) return before.keys;
    const keys = read(file).then((text) => authoritiesIn(text, file));
    seen.set(file, { stamp, keys });
    return keys;
  };
}

function authoritiesIn(text: string, file: string): readonly KnownKey[] {
  const lines = text.split('\n').filter((line) => line.trimStart().startsWith('@cert-authority'));
  const known = parseKnownHosts(lines.join('\n'), file);
  return known.kind === 'known' ? known.keys : [];
}
