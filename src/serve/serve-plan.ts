/** What is needed to run the bot as a process. */
import type { KindLoader } from '#catalogue.ts';
import type { Config } from '#config.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { PoolOptions } from '#ssh/pool.ts';
import type { Role } from './roles.ts';
import type { Reread } from './watch-inventory.ts';

export interface ServePlan {
  readonly config: Config;
  readonly kinds: KindLoader;
  readonly roles: readonly Role[];
  /** address:port, instead of the configuration's. */
  readonly listen: string | undefined;
  readonly inventory: Inventory;
  /** Reads the inventory again, and the file that names it; rejects with a sentence. */
  readonly reread: () => Promise<Reread>;
  readonly ssh: PoolOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stream: NodeJS.WriteStream;
  readonly version: string;
  /** Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}
