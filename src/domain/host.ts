/** A host we may log in to, and the login that reaches it. */

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
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/** A host's name as people type it: letters, digits, dot, dash, underscore. Anything else is undefined. */
export function parseHostName(text: string): HostName | undefined {
  return NAME.test(text) ? (text as HostName) : undefined;
}
