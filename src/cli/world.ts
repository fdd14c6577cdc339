/** What the commands need from the composition root: where to write, and what only it may open. */
import type { Knowledge } from '#app/judge-samples.ts';
import type { AddKnownHosts, RunOnHost, ScanHostKeys } from '#app/ports.ts';
import type { Config } from '#config.ts';

export interface World {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly catalogue: () => Promise<Knowledge['catalogue']>;
  readonly sources: () => Promise<Knowledge['sources']>;
  readonly openPool: (config: Config) => Promise<Pool>;
  readonly addKnownHosts: (file: string) => Promise<AddKnownHosts>;
}

interface Pool {
  readonly run: RunOnHost;
  readonly scanHostKeys: ScanHostKeys;
  readonly close: () => Promise<void>;
}
