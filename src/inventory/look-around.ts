/** What one host asks for beyond ssh2, whatever the way there: looks at files, at the agent and at known_hosts. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Feature } from '#domain/feature.ts';
import type { KnownAs, Surroundings } from '#domain/surroundings.ts';
import { featuresAsked, type Say } from './features.ts';
import { namesKnownHosts, unusualKnownHosts } from './known-hosts-files.ts';

interface Login extends KnownAs {
  /** Undefined where nothing names any. */
  readonly identityFiles?: readonly string[] | undefined;
}

/** ssh's own, besides those that ssh2 can use. */
const FIDO_IDENTITIES: readonly string[] = ['id_ed25519_sk', 'id_ecdsa_sk'];

/** `usual`: the identity files where nothing names any. */
export async function lookAround(
  login: Login,
  usual: readonly string[],
  say: Say,
  home: string,
  surroundings: Surroundings,
): Promise<readonly Feature[]> {
  const named = ['userknownhostsfile', 'globalknownhostsfile'].flatMap((keyword) => say(keyword).join(' ').split(' '));
  const more = namesKnownHosts(surroundings.knownHosts, home) ? [] : await existing(unusualKnownHosts(named, home));
  const identities = login.identityFiles ?? [...usual, ...FIDO_IDENTITIES.map((name) => join(home, '.ssh', name))];
  const [files, agent, authority] = await Promise.all([
    surroundings.keyTypes(identities),
    surroundings.agentKeyTypes(),
    surroundings.hasAuthority(login, more),
  ]);
  return featuresAsked(say, { files, agent }, { authority, files: more });
}

async function existing(files: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.allSettled(files.map((file) => access(file)));
  return files.filter((_, index) => there[index]?.status === 'fulfilled');
}
