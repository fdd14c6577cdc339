/** A fault as data: which hosts play which part, and what is done to them, in order, until a diagnosis must find it. */
import type { ActorProgram } from './actor.ts';
import type { Sight } from './until.ts';

/** `subject` is the host to check; the others are whatever it takes to hurt it. */
export type Role = 'subject' | 'peer' | 'client' | 'gateway';

export type ActorArgs = Readonly<Record<string, string | number | boolean>>;

export interface ActorStep {
  readonly kind: 'actor';
  readonly on: Role;
  readonly run: ActorProgram;
  readonly args: ActorArgs;
  /** Soft and hard limits of the actor, named as prlimit(1) does. */
  readonly limits?: { readonly nofile?: number; readonly nproc?: number };
  /** Runs as a user of its own, so that per-user limits count this actor only. */
  readonly ownUser?: boolean;
  /** Runs in a network namespace inside the host's, as a container would. */
  readonly nestedNetns?: boolean;
}

/** Strings may hold `{subject}`, `{peer}`, `{client}`, `{gateway}`: the address of the host playing that part. */
export type Step =
  | ActorStep
  | { readonly kind: 'sysctl'; readonly on: Role; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'file'; readonly on: Role; readonly path: string; readonly text: string }
  | { readonly kind: 'nft'; readonly on: Role; readonly rules: string }
  | { readonly kind: 'ip'; readonly on: Role; readonly commands: readonly string[] }
  | { readonly kind: 'fill-conntrack'; readonly on: Role }
  | { readonly kind: 'until'; readonly on: Role; readonly sight: Sight };

export interface Fault {
  /** The diagnosis it must lead to: the name of the folder it lies in. */
  readonly id: string;
  /** Tells the faults of one diagnosis apart. */
  readonly variant?: string;
  /** One sentence: what is wrong on the subject. */
  readonly title: string;
  readonly steps: readonly Step[];
  readonly expects: {
    readonly severity: 'crit' | 'warn' | 'info';
    /** Diagnoses that are true of the subject as well: causes and consequences. */
    readonly alsoAllowed?: readonly string[];
  };
}

/** Checks at compile time, changes nothing. */
export function defineFault(fault: Fault): Fault {
  return fault;
}

export function faultName({ id, variant }: Fault): string {
  return variant === undefined ? id : `${id}/${variant}`;
}

/** The parts the fault needs, subject first. */
export function rolesOf({ steps }: Fault): readonly Role[] {
  return [...new Set<Role>(['subject', ...steps.map(({ on }) => on)])];
}

export function sysctl(on: Role, values: Readonly<Record<string, string | number>>): Step {
  return { kind: 'sysctl', on, values: Object.fromEntries(Object.entries(values).map(([k, v]) => [k, String(v)])) };
}

export function file(on: Role, path: string, text: string): Step {
  return { kind: 'file', on, path, text };
}

/** One chain in a table of its own; `rules` is its body. */
export function nft(on: Role, hook: string, ...rules: readonly string[]): Step {
  const table = `fault_${hook.replaceAll(/\W+/g, '_')}`;
  return { kind: 'nft', on, rules: `table ip ${table} {\n chain c {\n type ${hook};\n ${rules.join('\n ')}\n }\n}\n` };
}

export function ip(on: Role, ...commands: readonly string[]): Step {
  return { kind: 'ip', on, commands };
}

export function listen(on: Role, args: ActorArgs, more: Partial<ActorStep> = {}): Step {
  return { kind: 'actor', on, run: 'listen', args, ...more };
}

export function connect(on: Role, args: ActorArgs, more: Partial<ActorStep> = {}): Step {
  return { kind: 'actor', on, run: 'connect', args, ...more };
}

/** Goes on with the next step when the host shows it. */
export function until(on: Role, sight: Sight): Step {
  return { kind: 'until', on, sight };
}

/** The client never sees a SYN-ACK, so every one of its handshakes stays half open. */
export function halfOpenHandshakes(client: Role, server: Role, port: string): readonly Step[] {
  return [
    nft(client, 'filter hook prerouting priority raw', `tcp sport ${port} tcp flags & (syn | ack) == (syn | ack) drop`),
    connect(client, {
      to: `{${server}}`,
      ports: port,
      count: 200,
      parallel: 200,
      eager: true,
      every: 100,
      batch: 3,
    }),
    until(server, { see: 'sockets', filter: `state syn-recv sport = :${port}`, atLeast: 40 }),
  ];
}

/** Goes on trying to connect, 20 connections a second; the first ones have no answer yet. */
export function knock(on: Role, to: string, port: string): readonly Step[] {
  return [
    connect(on, { to, ports: port, eager: true, every: 100, batch: 2, timeout: 3000 }),
    until(on, { see: 'sockets', filter: `state syn-sent dport = :${port}`, atLeast: 2 }),
  ];
}

/**
 * `client` reaches the subject-side service at 10.79.0.1 on `server` only through `gateway`, which rewrites the
 * source as `masquerade` says (an nft expression, for example `masquerade to :40000-40009`).
 */
export function behindNat(clients: readonly Role[], gateway: Role, server: Role, masquerade: string): readonly Step[] {
  return [
    sysctl(gateway, {
      'net.ipv4.ip_forward': 1,
      'net.ipv4.conf.all.send_redirects': 0,
      'net.ipv4.conf.eth0.send_redirects': 0,
    }),
    ip(server, 'addr add 10.79.0.1/32 dev lo'),
    ip(gateway, `route add 10.79.0.1 via {${server}} proto static`),
    ...clients.map((client) => ip(client, `route add 10.79.0.1 via {${gateway}} proto static`)),
    nft(gateway, 'nat hook postrouting priority srcnat', `ip daddr 10.79.0.1 meta l4proto tcp ${masquerade}`),
    // A full table must not lock the person out who comes to look at it.
    nft(gateway, 'filter hook prerouting priority raw', 'tcp dport 22 notrack'),
    nft(gateway, 'filter hook output priority raw', 'tcp sport 22 notrack'),
  ];
}
