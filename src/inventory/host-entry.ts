/** What one place says about a host; anything it does not say is left to the places below it. */

/** `auto`: ssh2, and OpenSSH's ssh where the host asks for more. */
export const TRANSPORTS = ['auto', 'ssh2', 'openssh'] as const;

export type TransportSetting = (typeof TRANSPORTS)[number];

export interface HostEntry {
  readonly address?: string;
  readonly port?: number;
  readonly user?: string;
  /** Absolute paths. */
  readonly identityFiles?: readonly string[];
  readonly groups?: readonly string[];
  /** Names of hosts or `user@host:port`, outermost first; empty means none, whatever is said below. */
  readonly jump?: readonly string[];
  /** As ssh_config has it, with its tokens; only beside a `jump` that is empty. */
  readonly proxyCommand?: string;
  readonly hostKeyAlias?: string;
  readonly transport?: TransportSetting;
  /** Half a sentence that keeps us from using this host at all. */
  readonly unusable?: string;
}

/** `entries` in falling order of weight. Groups add up; of everything else the first that is said counts. */
export function mergeEntries(entries: readonly HostEntry[]): HostEntry {
  const groups = [...new Set(entries.flatMap(({ groups = [] }) => groups))];
  const { proxyCommand: _, ...merged }: HostEntry = Object.assign({}, ...entries.toReversed(), { groups });
  // Jump hosts and a command are one thing: the way. A command is not left over where a jump outweighs it.
  const { proxyCommand } = entries.find(({ jump }) => jump !== undefined) ?? {};
  return { ...merged, ...(proxyCommand !== undefined && { proxyCommand }) };
}
