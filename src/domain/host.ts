/** A host we may log in to, and the login that reaches it. */
import type { Feature } from './feature.ts';

export type HostName = string & { readonly __brand: 'HostName' };

/** Everything needed to open a connection; paths are absolute, `jump` are hosts resolved in order. */
export interface Host {
  readonly name: HostName;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly groups: readonly string[];
  /** Hosts to pass through, outermost first; each one's key is verified like the target's. */
  readonly jump: readonly Host[];
  /** The name under which known_hosts lists this host, when it is not `address` (ssh_config HostKeyAlias). */
  readonly hostKeyAlias?: string;
  readonly transport: Transport;
  /** What its configuration, or a jump host's, asks for beyond ssh2; left out where that is nothing. */
  readonly asks?: readonly Feature[];
}

/** What logs in to a host. */
export type Transport =
  | {
      /** ssh2, in this process, by what `Host` says. */
      readonly kind: 'ssh2';
      /** ssh_config's ProxyCommand, its tokens filled in, where that is the way. */
      readonly proxyCommand?: string;
    }
  | {
      /** The system's ssh, given the host's name: it reads ssh_config and finds the way, jump hosts too, by itself. */
      readonly kind: 'openssh';
      /** The absolute path of the ssh_config to read; undefined = ssh's own files. */
      readonly config: string | undefined;
      /** The known_hosts files to read, for jump hosts too; undefined = those that ssh_config names. */
      readonly knownHosts: readonly string[] | undefined;
      /** The way there as a command, for looking at its host keys without ssh; undefined = straight. */
      readonly proxyCommand?: string;
      /** `Keyword=value`, as for ssh's -o: what our own files say of this host, which outweighs ssh_config. */
      readonly options: readonly string[];
    };

export const SSH2: Transport = { kind: 'ssh2' };

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/** A host's name as people type it: letters, digits, dot, dash, underscore. Anything else is undefined. */
export function parseHostName(text: string): HostName | undefined {
  return NAME.test(text) ? (text as HostName) : undefined;
}
