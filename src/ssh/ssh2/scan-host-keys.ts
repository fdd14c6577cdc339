/** The keys a host offers, one of each type: a handshake per type, broken off when the key is seen. Nothing is sent. */
import type { HostKeyScan, OfferedHostKey } from '#app/ports.ts';
import type { ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { algorithmsOfType, fingerprint, judgeHostKey, KEY_TYPES, keysListed } from '../host-key.ts';
import { type KnownKey, lookupName } from '../known-hosts.ts';
import type { Leases } from '../leases.ts';
import { readKnownHosts } from '../read-known-hosts.ts';
import type { ConnectionOptions } from './connect.ts';
import { logIn } from './log-in.ts';
import { openRoute } from './route.ts';

const NO_KEYS = { attempts: [], problems: [] };

export async function scanHostKeys(host: Host, leases: Leases, options: ConnectionOptions): Promise<HostKeyScan> {
  const known = await readKnownHosts(options.knownHosts);
  if (known.kind === 'unreadable') return { kind: 'known-hosts-unreadable', why: known.why };
  const name = lookupName(host);
  const listed = keysListed(known.keys, name);
  const keys: OfferedHostKey[] = [];
  // One after the other: sshd drops connections at random when many are not logged in (MaxStartups).
  for (const type of KEY_TYPES) {
    const key = await offeredKey(host, type, leases, options.readyTimeoutMs);
    if (Buffer.isBuffer(key)) keys.push(describe(key, name, listed));
    else if (key !== undefined) return key;
  }
  if (keys.length === 0) return { kind: 'refused', why: 'it offers no host key of a type that is supported' };
  return { kind: 'scanned', keys };
}

/** Undefined when the host has no key of this type. */
async function offeredKey(
  host: Host,
  type: string,
  leases: Leases,
  readyTimeoutMs: number,
): Promise<Buffer | ConnectionFailure | undefined> {
  const route = await openRoute(host, leases);
  if (route.kind !== 'route') return route;
  let offered: Buffer | undefined;
  const end = await logIn({
    host,
    through: route.through,
    hostKeyAlgorithms: algorithmsOfType(type),
    credentials: NO_KEYS,
    readyTimeoutMs,
    signal: new AbortController().signal,
    verifyHostKey(key) {
      offered = key;
      return { kind: 'host-key-unknown', hop: host.name, fingerprint: fingerprint(key) };
    },
  });
  route.release();
  if (offered !== undefined) return offered;
  if (end.kind === 'logged-in') return undefined;
  if (end.kind === 'ssh-unfit' && /no matching host key/i.test(end.why)) return undefined;
  return route.explain(end);
}

function describe(key: Buffer, name: string, listed: readonly KnownKey[]): OfferedHostKey {
  const type = key.toString('latin1', 4, 4 + key.readUInt32BE(0));
  return {
    type,
    fingerprint: fingerprint(key),
    line: `${name} ${type} ${key.toString('base64')}`,
    // A second key of another type is new, not changed.
    standing: judgeHostKey(
      listed.filter((known) => known.type === type),
      key,
    ),
  };
}
