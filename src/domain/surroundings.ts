/** What a login from here can draw on besides the files that say where a host is. The folder that logs in looks it up. */

export interface Surroundings {
  /** Types of the keys in these files, and of the certificates beside them; of those that can be told without a passphrase. */
  readonly keyTypes: (files: readonly string[]) => Promise<readonly string[]>;
  /** Types of the keys that the ssh-agent holds; none without an agent, or where none may be asked. */
  readonly agentKeyTypes: () => Promise<readonly string[]>;
  /** Whether one of the known_hosts files, ours and `more`, has an authority for this host. */
  readonly hasAuthority: (host: KnownAs, more: readonly string[]) => Promise<boolean>;
  /** The known_hosts files that tcp-oncall.yaml names, or the usual ones. */
  readonly knownHosts: readonly string[];
}

export interface KnownAs {
  readonly address: string;
  readonly port: number;
  readonly hostKeyAlias?: string;
}
