/** With which transport a host is reached: what it asks for decides, unless tcp-oncall.yaml does. Pure. */
import { type Feature, ssh2Manages } from '#domain/feature.ts';
import type { Host, Transport } from '#domain/host.ts';
import type { Say } from './features.ts';
import type { HostEntry, TransportSetting } from './host-entry.ts';
import { type Hop, knownHostsOptions, type Options, optionsOf, wayThrough } from './openssh-options.ts';
import { fillTokens, isHarmless } from './proxy-tokens.ts';

/** A host but for the way there. */
export interface Reached {
  readonly host: Omit<Host, 'transport' | 'asks' | 'jump'>;
  /** What our own files say of it. */
  readonly own: HostEntry;
  /** What ssh_config says of it. */
  readonly say: Say;
  /** By itself, without its jump hosts. */
  readonly asks: readonly Feature[];
}

export interface Circumstances {
  /** For hosts that say none of their own. */
  readonly setting: TransportSetting;
  /** The ssh_config file. */
  readonly config: string | undefined;
  /** Files that tcp-oncall.yaml names; undefined = ssh knows by itself. */
  readonly knownHosts: readonly string[] | undefined;
  /** There is a program ssh here; it makes no difference where no host asks for more than ssh2 has. */
  readonly hasSsh: boolean;
}

export type Chosen =
  | { readonly kind: 'chosen'; readonly host: Host }
  /** `why`: half a sentence. */
  | { readonly kind: 'refused'; readonly why: string };

/** `hops`: outermost first. One transport carries the whole way: that of the host, which a jump host on `auto` follows. */
export function chooseTransport(target: Reached, hops: readonly Reached[], circumstances: Circumstances): Chosen {
  const way = [...hops, target].map((each, index) => ({ ...each, asks: asksOnTheWay(each, index) }));
  const settingOf = ({ own }: Reached) => own.transport ?? circumstances.setting;
  const asks = union(way.filter((each) => settingOf(each) === 'auto'));
  const isBeyond = asks.length > 0 && (circumstances.hasSsh || !ssh2Manages(asks));
  const byOpenssh =
    settingOf(target) === 'openssh' ||
    (settingOf(target) === 'auto' && (isBeyond || way.some((each) => settingOf(each) === 'openssh')));
  return byOpenssh ? overOpenssh(way, circumstances) : overSsh2(way);
}

/** Only the first host of a way can have a ProxyCommand: the others are reached through the one before. */
function asksOnTheWay(reached: Reached, index: number): readonly Feature[] {
  const others = reached.asks.filter((feature) => feature !== 'ProxyCommand');
  return index === 0 && commandOf(reached) !== 'none' ? ['ProxyCommand', ...others] : others;
}

/** Of the first host of a way. What our own files say of the way outweighs ssh_config, also that there is no command. */
function commandOf({ own, say }: Reached): string {
  return (own.jump === undefined ? say('proxycommand')[0] : own.proxyCommand) ?? 'none';
}

function overSsh2(way: readonly Reached[]): Chosen {
  const [first] = way;
  const command = first === undefined ? 'none' : commandOf(first);
  if (first === undefined || command === 'none') return arrive(way, () => ({ kind: 'ssh2' }));
  const filled = fillTokens(command, first.host);
  if (filled.kind === 'refused') return filled;
  return arrive(way, (_, index) => ({ kind: 'ssh2', ...(index === 0 && { proxyCommand: filled.command }) }));
}

function overOpenssh(way: readonly Reached[], { config, knownHosts }: Circumstances): Chosen {
  const unsafe = way
    .flatMap(({ own }) => [own.address, own.user, own.hostKeyAlias])
    .find((text) => text !== undefined && !isHarmless(text));
  if (unsafe !== undefined) return { kind: 'refused', why: `ssh would be given "${unsafe}", which a shell may obey` };
  const known = knownHosts === undefined ? [] : knownHostsOptions(knownHosts);
  const hops = way.map((each, index): Hop => {
    const first = index === 0 ? firstWay(each) : [];
    return { name: each.host.name, options: [...optionsOf(each.own), ...known, ...first] };
  });
  return arrive(way, (each, index) => {
    const ours = index === 0 ? undefined : wayThrough(hops.slice(0, index), config);
    const through = ours === undefined ? firstWay(each) : [`ProxyCommand=${ours}`];
    const filled = fillTokens(ours ?? commandOf(each), each.host);
    const isWay = filled.kind === 'filled' && filled.command !== 'none';
    return {
      ...{ kind: 'openssh', config, knownHosts, options: [...optionsOf(each.own), ...through] },
      ...(isWay && { proxyCommand: filled.command }),
    };
  });
}

/** Nothing where ssh_config alone knows of it. */
function firstWay(first: Reached): Options {
  return first.own.jump === undefined ? [] : [`ProxyCommand=${commandOf(first)}`];
}

/** The last of the way is the host, the others are its jump hosts. */
function arrive(way: readonly Reached[], transportOf: (each: Reached, index: number) => Transport): Chosen {
  const hosts = way.map((each, index): Host => ({ ...each.host, jump: [], transport: transportOf(each, index) }));
  const [target, asks] = [hosts.at(-1) as Host, union(way)];
  return { kind: 'chosen', host: { ...target, jump: hosts.slice(0, -1), ...(asks.length > 0 && { asks }) } };
}

function union(way: readonly Pick<Reached, 'asks'>[]): readonly Feature[] {
  return [...new Set(way.flatMap(({ asks }) => asks))];
}
