/** What the use cases need from the world; the composition root hands in the real ones. */
import type { Command, CommandResult, ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';

/** Runs one command on one host over SSH; never throws for anything that can happen to a host or a network. */
export type RunOnHost = (host: Host, request: Command) => Promise<CommandResult>;

/** One key a host shows. */
export interface OfferedHostKey {
  readonly type: string;
  readonly fingerprint: string;
  /** As a known_hosts file would list it. */
  readonly line: string;
  readonly standing:
    | { readonly kind: 'trusted' }
    | { readonly kind: 'unknown' }
    | { readonly kind: 'changed' | 'revoked'; readonly knownAt: string };
}

export type HostKeyScan = { readonly kind: 'scanned'; readonly keys: readonly OfferedHostKey[] } | ConnectionFailure;

/** Asks a host for its keys without logging in; jump hosts on the way are verified and logged in to. */
export type ScanHostKeys = (host: Host) => Promise<HostKeyScan>;

/** Adds lines to the known_hosts file; undefined when done, otherwise why not. */
export type AddKnownHosts = (lines: readonly string[]) => Promise<string | undefined>;
