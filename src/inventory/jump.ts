/** A hop as people write it: the name of a host, or `user@host:port`. */

interface Hop {
  readonly user: string | undefined;
  readonly address: string;
  readonly port: number | undefined;
}

const HOP =
  /^(?:(?<user>[^@\s]+)@)?(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?))(?::(?<port>\d{1,5}))?$/;

/** Undefined when it is neither; a leading ssh:// is let pass, as ssh does. */
export function parseHop(text: string): Hop | undefined {
  const { user, v6, name, port } = HOP.exec(text.replace(/^ssh:\/\//, ''))?.groups ?? {};
  const address = v6 ?? name;
  if (address === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return { user, address, port: port === undefined ? undefined : Number(port) };
}

/** A bare word is meant to be a host's name: a typing slip must not become an address. */
export function isAddress(text: string): boolean {
  return /[@.:]/.test(text);
}
