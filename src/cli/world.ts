/** What the commands need from the composition root: where to write, and what only it may open. */
import type { ChangeTools, Writer } from '#app/change-ports.ts';
import type { Knowledge } from '#app/judge-samples.ts';
import type { AddKnownHosts, LoginMethod, RunOnHost, ScanHostKeys } from '#app/ports.ts';
import type { KindLoader } from '#catalogue.ts';
import type { Config } from '#config.ts';
import type { Finding } from '#doctor/finding.ts';
import type { Surroundings } from '#domain/surroundings.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { Reread } from '#serve/watch-inventory.ts';

export interface ServeOptions {
  /** Words such as slack,worker. */
  readonly roles: string;
  readonly listen?: string;
}

export interface World {
  readonly kinds: KindLoader;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly catalogue: () => Promise<Knowledge['catalogue']>;
  readonly sources: () => Promise<Knowledge['sources']>;
  /** What logins from here can draw on. */
  readonly surroundings: (config: Config) => Promise<Surroundings>;
  readonly openPool: (config: Config) => Promise<Pool>;
  readonly addKnownHosts: (file: string) => Promise<AddKnownHosts>;
  /** Slack's tokens and Redis, as the doctor sees them. */
  readonly examine: (config: Config) => Promise<readonly Finding[]>;
  /** The changes of the bot that shares our Redis; `writer`: for who writes records. Rejects with a ServeError. */
  readonly openChanges: (config: Config, writer?: Writer) => Promise<ChangeTools>;
  /** Runs the bot; true when it ended because it was told to. Rejects with a ServeError. */
  readonly serve: (
    options: ServeOptions,
    config: Config,
    inventory: Inventory,
    reread: () => Promise<Reread>,
  ) => Promise<boolean>;
}

interface Pool extends AsyncDisposable {
  readonly run: RunOnHost;
  readonly scanHostKeys: ScanHostKeys;
  readonly loginMethod: LoginMethod;
}
