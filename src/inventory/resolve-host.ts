/** A host that is known by its name, with everything that a connection to it takes: its login, the way there, the transport. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostName, parseHostName } from '#domain/host.ts';
import { askSsh, DEFAULT_IDENTITIES, type SshEntry } from './ask-ssh.ts';
import { type Circumstances, chooseTransport, type Reached } from './choose-transport.ts';
import { hasSsh } from './has-ssh.ts';
import { type HostEntry, mergeEntries } from './host-entry.ts';
import type { FoundHost, InventoryData } from './inventory.ts';
import { isAddress, parseHop } from './jump.ts';
import { namesKnownHosts } from './known-hosts-files.ts';
import { lookAround } from './look-around.ts';

interface Names {
  readonly isKnown: (name: string) => boolean;
  readonly nearest: (name: string) => readonly string[];
}

/** `hops`: outermost first. */
interface Resolved {
  readonly kind: 'resolved';
  readonly reached: Reached;
  readonly hops: readonly Reached[];
}

type Refusal = Extract<FoundHost, { kind: 'invalid' }>;

const SAYS_NOTHING: SshEntry = { kind: 'entry', entry: {}, say: () => [] };

export function createResolver(data: InventoryData, { isKnown, nearest }: Names) {
  const { hosts, ansible, sshConfig, home, transport, surroundings, signal } = data;
  const { knownHosts } = surroundings;
  const circumstances: Omit<Circumstances, 'hasSsh'> = {
    setting: transport,
    config: sshConfig?.file,
    knownHosts: namesKnownHosts(knownHosts, home) ? knownHosts : undefined,
  };

  /** `above`: the hosts on whose way this one lies. */
  async function resolve(text: string, above: readonly string[]): Promise<Resolved | Refusal> {
    const hop = parseHop(text);
    if (hop === undefined)
      return refuse(
        `${quoteWay(above)} jumps through "${text}", which is no host: write a host's name or user@host:port.`,
      );
    const name = hop.address as HostName;
    if (above.includes(name))
      return refuse(`The way to ${above[0]} goes in a circle: ${[...above, name].join(' through ')}.`);
    const typed = {
      ...(hop.user !== undefined && { user: hop.user }),
      ...(hop.port !== undefined && { port: hop.port }),
    };
    const own: HostEntry = { ...mergeEntries([hosts.get(name) ?? {}, ansible.get(name) ?? {}]), ...typed };
    const answer = await askAbout(name);
    if (answer.kind === 'invalid') return answer;
    const entry = mergeEntries([own, answer.entry]);
    if (entry.unusable !== undefined) return refuse(`${name} cannot be used: ${entry.unusable}.`);
    const hops = await way(entry.jump ?? [], [...above, name]);
    if ('kind' in hops) return hops;
    const { address = hop.address, port = 22, user = data.user, groups = [], hostKeyAlias } = entry;
    const alias = hostKeyAlias === undefined ? {} : { hostKeyAlias };
    const { identityFiles } = entry;
    const usual = identityFiles === undefined ? await usualIdentities(home) : [];
    const asks = await lookAround({ address, port, identityFiles, ...alias }, usual, answer.say, home, surroundings);
    const host = { name, address, port, user, identityFiles: identityFiles ?? usual, groups, ...alias };
    return { kind: 'resolved', reached: { host, own, say: answer.say, asks }, hops };
  }

  /** ssh_config is asked last, and only about what can be on its command line. */
  async function askAbout(name: HostName): Promise<SshEntry | Refusal> {
    if (sshConfig === undefined || parseHostName(name) === undefined) return SAYS_NOTHING;
    const answer = await askSsh(name, sshConfig.file, home, signal);
    return answer.kind === 'entry' ? answer : refuse(`ssh cannot read ${sshConfig.file} for ${name}: ${answer.why}.`);
  }

  /** The hops in order: the first one's own way comes before it; ssh -J does the same. */
  async function way(hops: readonly string[], above: readonly string[]): Promise<readonly Reached[] | Refusal> {
    const all: Reached[] = [];
    for (const text of hops) {
      const hop = parseHop(text);
      if (hop !== undefined && !isAddress(text) && !isKnown(hop.address)) {
        const near = nearest(hop.address);
        const hint =
          near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' Name a known host, or write user@host:port.';
        return refuse(`${quoteWay(above)} jumps through ${text}, which is not a known host.${hint}`);
      }
      const found = await resolve(text, above);
      if (found.kind !== 'resolved') return found;
      if (all.length === 0) all.push(...found.hops);
      all.push(found.reached);
    }
    return all;
  }

  return async (name: string): Promise<FoundHost> => {
    const found = await resolve(name, []);
    if (found.kind !== 'resolved') return found;
    const way = [found.reached, ...found.hops];
    const asksMore = way.some(({ asks, own }) => asks.length > 0 || own.proxyCommand !== undefined);
    const chosen = chooseTransport(found.reached, found.hops, {
      ...circumstances,
      hasSsh: asksMore && (await hasSsh()),
    });
    if (chosen.kind === 'refused') return refuse(`${name} cannot be used: ${chosen.why}.`);
    return { kind: 'host', host: chosen.host };
  };
}

function quoteWay(above: readonly string[]): string {
  return above.at(-1) ?? 'A host';
}

function refuse(message: string): Refusal {
  return { kind: 'invalid', message };
}

async function usualIdentities(home: string): Promise<readonly string[]> {
  const paths = DEFAULT_IDENTITIES.map((name) => join(home, '.ssh', name));
  const there = await Promise.allSettled(paths.map((path) => access(path)));
  return paths.filter((_, index) => there[index]?.status === 'fulfilled');
}
