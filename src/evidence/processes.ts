/** Owners of listeners and of CLOSE_WAIT sockets, with their limits (/proc/PID/{status,limits,fd}); never a scan with -p. */

export interface ProcessFacts {
  readonly pid: number;
  readonly name: string;
  readonly uid: number;
  readonly threads: number;
  /** Open descriptors; null when this account may not count them. */
  readonly descriptors: number | null;
  /** RLIMIT_NOFILE; null = unlimited. */
  readonly descriptorLimit: { readonly soft: number | null; readonly hard: number | null };
  /** RLIMIT_NPROC, soft; null = unlimited. */
  readonly processLimit: number | null;
  readonly listeningPorts: readonly number[];
  /** CLOSE_WAIT sockets seen among this process's descriptors. */
  readonly closeWait: number;
  /** Inode of its network namespace; null when not readable. */
  readonly netns: string | null;
}

export interface Processes {
  /** `all` processes' descriptors were readable, or only those of the collector's `own` user. */
  readonly seen: 'all' | 'own';
  readonly processes: readonly ProcessFacts[];
  /** Listening ports and CLOSE_WAIT sockets whose owner was not found. */
  readonly ownerless: { readonly ports: readonly number[]; readonly closeWait: number };
  /** Processes with listeners or connections in another network namespace than the collector's. */
  readonly otherNamespaces: readonly {
    readonly netns: string;
    readonly pid: number;
    readonly name: string;
    readonly listeningPorts: readonly number[];
  }[];
}
