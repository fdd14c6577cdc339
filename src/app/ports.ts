/** What the use cases need from the world; the composition root hands in the real ones. */
import type { ChangeFailure } from '#domain/change-failure.ts';
import type { Command, CommandResult, ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';

/** Runs one command on one host over SSH; never throws for anything that can happen to a host or a network. */
export type RunOnHost = (host: Host, request: Command) => Promise<CommandResult>;

/** A host, and the only key that it may show, as `ssh-keygen -l` prints it. */
export interface KnownHost {
  readonly host: Host;
  readonly hostKey: string;
}

/** `from` and `to`: paths, absolute or relative to the account's home, none with "..". */
export interface FileToCopy {
  readonly from: string;
  readonly to: string;
  /** 64 hex digits. */
  readonly sha256: string;
  readonly mostBytes: number;
}

export interface CopyWanted {
  readonly from: KnownHost;
  readonly to: KnownHost;
  readonly file: FileToCopy;
  /** After so many milliseconds it stops; the same copy goes on from there. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number, of: number) => void;
}

/** A host that could not be asked: what is wanted of it may be wanted again. */
export interface Away {
  readonly kind: 'away';
  readonly host: string;
  /** The kind of a ConnectionFailure, or `connection-lost`. */
  readonly why: string;
}

export type Copied =
  /** It is at `to`, whole, and its hash was read there. */
  | { readonly kind: 'copied' }
  | { readonly kind: 'under-way'; readonly bytes: number; readonly of: number }
  | { readonly kind: 'failed'; readonly failure: ChangeFailure }
  | Away;

/** Copies a file from one host to another by way of this machine, in portions; never throws for what a host or a network does. */
export type CopyFile = (wanted: CopyWanted) => Promise<Copied>;

export type FileRead =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly failure: ChangeFailure }
  | Away;

/** Reads a file of a host, whole; one with more bytes is a failure. Never throws for what a host or a network does. */
export type ReadFile = (wanted: KnownHost & { readonly path: string; readonly mostBytes: number }) => Promise<FileRead>;

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

/** What lets us in to a host, in SSH's words; null when it cannot be told. */
export type LoginMethod = (host: Host) => Promise<string | null>;
