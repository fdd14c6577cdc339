/** Makes a host's keys known: first shows what would be added, then, when a person agrees, adds it. */
import type { ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import type { AddKnownHosts, OfferedHostKey, ScanHostKeys } from './ports.ts';

export type TrustProposal =
  /** `additions` are new; `known` are trusted already. */
  | {
      readonly kind: 'proposal';
      readonly host: Host;
      readonly additions: readonly OfferedHostKey[];
      readonly known: readonly OfferedHostKey[];
    }
  /** Every key the host offers is trusted already. */
  | { readonly kind: 'nothing-to-add'; readonly known: readonly OfferedHostKey[] }
  /** A key differs from the one known, or is revoked: somebody must look, and no line is added. */
  | {
      readonly kind: 'conflict';
      readonly key: OfferedHostKey;
      readonly standing: 'changed' | 'revoked';
      readonly knownAt: string;
    }
  | { readonly kind: 'failed'; readonly failure: ConnectionFailure };

/** Nothing is written, and the host is not logged in to. */
export async function proposeHostKeys(host: Host, scan: ScanHostKeys): Promise<TrustProposal> {
  const scanned = await scan(host);
  if (scanned.kind !== 'scanned') return { kind: 'failed', failure: scanned };
  for (const key of scanned.keys) {
    const { standing } = key;
    if (standing.kind === 'changed' || standing.kind === 'revoked') {
      return { kind: 'conflict', key, standing: standing.kind, knownAt: standing.knownAt };
    }
  }
  const known = scanned.keys.filter(({ standing }) => standing.kind === 'trusted');
  const additions = scanned.keys.filter(({ standing }) => standing.kind === 'unknown');
  return additions.length === 0 ? { kind: 'nothing-to-add', known } : { kind: 'proposal', host, additions, known };
}

export type TrustOutcome =
  | { readonly kind: 'added'; readonly count: number }
  | { readonly kind: 'not-written'; readonly why: string };

/** Adds exactly the keys that were shown: what the host offers now does not matter. */
export async function acceptHostKeys(additions: readonly OfferedHostKey[], add: AddKnownHosts): Promise<TrustOutcome> {
  const why = await add(additions.map(({ line }) => line));
  return why === undefined ? { kind: 'added', count: additions.length } : { kind: 'not-written', why };
}
