/** A host that needs no login. */
import { type Host, type HostName, SSH2 } from '#domain/host.ts';

export function hostNamed(name: string, groups: readonly string[]): Host {
  return {
    name: name as HostName,
    address: '127.0.0.1',
    port: 22,
    user: 'ops',
    identityFiles: [],
    jump: [],
    groups,
    transport: SSH2,
  };
}
