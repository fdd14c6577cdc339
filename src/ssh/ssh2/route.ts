/** The way to a host: straight, through a ProxyCommand, or through the last of its jump hosts, whose connection is leased for as long. */
import type { Duplex } from 'node:stream';
import type { ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { atHop } from '../at-hop.ts';
import type { Connection } from '../connection.ts';
import type { Leases } from '../leases.ts';
import { sayable } from '../sayable.ts';
import { runProxyCommand } from './proxy-command.ts';

export type Route =
  | {
      readonly kind: 'route';
      readonly through: Duplex | undefined;
      readonly release: () => void;
      /** What the way has to do with a login that failed so. */
      readonly explain: (failure: ConnectionFailure) => Promise<ConnectionFailure>;
    }
  | ConnectionFailure;

const AS_IT_IS = async (failure: ConnectionFailure) => failure;
const STRAIGHT: Route = { kind: 'route', through: undefined, release: () => {}, explain: AS_IT_IS };

export async function openRoute(host: Host, leases: Leases): Promise<Route> {
  const last = host.transport.kind === 'ssh2' ? host.jump.at(-1) : undefined;
  if (last === undefined) return proxied(host) ?? STRAIGHT;
  const lease = leases.take({ ...last, jump: host.jump.slice(0, -1) });
  const via = await lease.ready;
  const route = via.kind === 'connected' ? await forward(via, host, last.name, lease.release) : atHop(last.name, via);
  if (route.kind !== 'route') lease.release();
  return route;
}

function proxied({ transport }: Host): Route | undefined {
  if (transport.proxyCommand === undefined) return undefined;
  const { through, end, explain } = runProxyCommand(transport.proxyCommand);
  return { kind: 'route', through, release: end, explain };
}

async function forward(via: Connection, { address, port }: Host, hop: string, release: () => void): Promise<Route> {
  if (via.forward === undefined) return { kind: 'refused', why: `${hop} is reached by ssh, and this host is not` };
  try {
    const through = await via.forward(address, port);
    return { kind: 'route', through, release, explain: AS_IT_IS };
  } catch (error) {
    return refusal(error as ForwardError, hop);
  }
}

/** Reasons of RFC 4254, section 5.1. */
const PROHIBITED = 1;

/** `reason` when the hop refused. */
type ForwardError = Error & { readonly reason?: unknown };

function refusal(error: ForwardError, hop: string): ConnectionFailure {
  if (error.reason === PROHIBITED) return { kind: 'refused', why: `${hop} does not forward connections` };
  if (typeof error.reason !== 'number') return { kind: 'connection-lost', why: `${hop}: the connection is gone` };
  const said = sayable(error.message)
    .replace(/^.*failure: /, '')
    .replace(/\.$/, '')
    .toLowerCase();
  const kind = said.includes('refused') ? 'refused' : 'unreachable';
  return { kind, why: `${hop} cannot reach it (${said})` };
}
