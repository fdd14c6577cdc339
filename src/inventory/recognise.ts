/** Which host somebody means: its name in any case, or its address as an alert writes it, with or without a port. Pure. */
import { isIPv6, SocketAddress } from 'node:net';
import type { HostName } from '#domain/host.ts';

export interface Recognisable {
  readonly name: HostName;
  readonly address: string;
}

/** All hosts that can be meant: one, none, or several when they share an address or differ only in case. */
export type Recognise = (typed: string) => readonly HostName[];

/** A name counts before an address: `web-01` is the host of that name, whatever else has that address. */
export function createRecognise(hosts: readonly Recognisable[]): Recognise {
  const exact = new Map(hosts.map(({ name }) => [name as string, [name]]));
  const names = index(hosts, ({ name }) => name.toLowerCase());
  const addresses = index(hosts, ({ address }) => canonical(address));
  const find = (text: string) =>
    exact.get(text) ?? names.get(text.toLowerCase()) ?? addresses.get(canonical(text)) ?? [];
  return (typed) => {
    const found = find(typed);
    return found.length > 0 ? found : find(withoutPort(typed));
  };
}

function index(
  hosts: readonly Recognisable[],
  keyOf: (host: Recognisable) => string,
): ReadonlyMap<string, readonly HostName[]> {
  const found = new Map<string, HostName[]>();
  for (const host of hosts) {
    const same = found.get(keyOf(host));
    if (same === undefined) found.set(keyOf(host), [host.name]);
    else same.push(host.name);
  }
  return found;
}

/** `name:9100`, `10.0.0.11:5432`, `[fd00::1]:22`, `[fd00::1]`. */
function withoutPort(text: string): string {
  const { v6, plain } = /^(?:\[(?<v6>[^\]]*)\]|(?<plain>[^:]*))(?::\d{1,5})?$/.exec(text)?.groups ?? {};
  return v6 ?? plain ?? text;
}

/** One way to write each address: IPv6 has many, and names of DNS have no case. */
function canonical(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address.toLowerCase();
}
