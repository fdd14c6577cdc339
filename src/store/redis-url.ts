/** The ways a Redis may be named in REDIS_URL. Pure. */

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

export interface Login {
  readonly username?: string;
  readonly password?: string;
}

export type RedisPlace =
  | ({ readonly kind: 'server'; readonly address: RedisAddress; readonly tls: boolean; readonly db: number } & Login)
  | { readonly kind: 'socket'; readonly path: string }
  | ({ readonly kind: 'sentinel'; readonly sentinels: readonly RedisAddress[]; readonly name: string } & Login)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[]; readonly tls: boolean } & Login);

export const REDIS_URL_FORMS =
  'redis://[user:password@]host:6379[/db], rediss://… (TLS), unix:///path/redis.sock, ' +
  'redis-sentinel://[user:password@]host:26379,host:26379/name, redis-cluster://[user:password@]host:6379,host:6379';

const URL_PARTS = /^(?<scheme>[a-z-]+):\/\/(?:(?<login>[^@/]*)@)?(?<hosts>[^/?#]*)(?:\/(?<path>[^?#]*))?$/;

/** Undefined when it is none of the known forms. */
export function parseRedisUrl(text: string): RedisPlace | undefined {
  const { scheme, login, hosts = '', path = '' } = URL_PARTS.exec(text.trim())?.groups ?? {};
  const who = parseLogin(login);
  switch (scheme) {
    case 'unix':
      return hosts === '' && path !== '' ? { kind: 'socket', path: `/${path}` } : undefined;
    case 'redis':
    case 'rediss': {
      const [address, ...more] = parseAddresses(hosts, 6379);
      const db = path === '' ? 0 : Number(path);
      if (address === undefined || more.length > 0 || !Number.isInteger(db)) return undefined;
      return { kind: 'server', address, tls: scheme === 'rediss', db, ...who };
    }
    case 'redis-sentinel': {
      const sentinels = parseAddresses(hosts, 26_379);
      return sentinels.length > 0 && path !== '' ? { kind: 'sentinel', sentinels, name: path, ...who } : undefined;
    }
    case 'redis-cluster':
    case 'rediss-cluster': {
      const nodes = parseAddresses(hosts, 6379);
      return nodes.length > 0 && path === ''
        ? { kind: 'cluster', nodes, tls: scheme === 'rediss-cluster', ...who }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** An address with a password of its own keeps that one, and a socket needs none. */
export function withRedisPassword(url: string, password: string): string {
  const { scheme, login = '' } = URL_PARTS.exec(url.trim())?.groups ?? {};
  if (scheme === undefined || scheme === 'unix' || login.includes(':')) return url;
  const rest = url.trim().slice(`${scheme}://`.length + (login === '' ? 0 : login.length + 1));
  return `${scheme}://${login}:${encodeURIComponent(password)}@${rest}`;
}

function parseLogin(text: string | undefined): Login {
  if (text === undefined || text === '') return {};
  const [username = '', ...rest] = text.split(':');
  const password = rest.join(':');
  return {
    ...(username !== '' && { username: decode(username) }),
    ...(password !== '' && { password: decode(password) }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const ADDRESS = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:\s]+))(?::(?<port>\d{1,5}))?$/;

/** Empty when one of them is no address. */
function parseAddresses(text: string, usual: number): readonly RedisAddress[] {
  const parsed = text.split(',').map((part) => {
    const { v6, name, port } = ADDRESS.exec(part.trim())?.groups ?? {};
    const host = v6 ?? name;
    return host === undefined ? undefined : { host, port: Number(port ?? usual) };
  });
  return parsed.every((address) => address !== undefined) ? parsed : [];
}
