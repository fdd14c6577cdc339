/** Brings the files that an order needs to its host, a portion at a time: a task of a change takes seconds, a copy may take minutes. */
import { listedFiles } from '#change/carry.ts';
import type { CarriedFile, Carry } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import type { ChangeFailure } from '#domain/change-failure.ts';
import type { Host } from '#domain/host.ts';
import type { AdvanceTools } from './advance-ports.ts';
import type { Away, Copied, KnownHost } from './ports.ts';

export type Carried =
  | { readonly kind: 'ready' }
  | { readonly kind: 'under-way'; readonly bytes: number; readonly of: number }
  | Pick<Away, 'kind' | 'host'>
  | { readonly kind: 'failed'; readonly failure: ChangeFailure };

const PORTION_MS = 10_000;
/** For a file whose turn comes when the time is nearly over: that of those before it went into looking whether they are there. */
const LEAST_MS = 3_000;

/** Again and again, until it is ready. `host`: the one that the order is for. */
export async function carryFiles(change: Change, carry: Carry, host: Host, tools: AdvanceTools): Promise<Carried> {
  const wire = await openWire(change, carry, host, tools);
  if ('failure' in wire) return { kind: 'failed', ...wire };
  return carryPortion(carry, wire, tools);
}

interface Wire {
  readonly from: KnownHost;
  readonly to: KnownHost;
}

async function openWire(
  change: Change,
  carry: Carry,
  host: Host,
  { findHost }: AdvanceTools,
): Promise<Wire | { readonly failure: ChangeFailure }> {
  const [source, hostKey] = [await findHost(carry.from.host), gateOf(change)?.hostKey];
  if ('kind' in source) return { failure: { code: 'no-host', detail: carry.from.host } };
  if (carry.from.hostKey === null || hostKey == null) return { failure: { code: 'no-host-key', detail: '' } };
  return { from: { host: source, hostKey: carry.from.hostKey }, to: { host, hostKey } };
}

async function carryPortion({ files, lists }: Carry, wire: Wire, tools: AdvanceTools): Promise<Carried> {
  const until = tools.now().getTime() + PORTION_MS;
  const named = await copyAll(files, wire, until, tools);
  if (named.kind !== 'ready' || !lists) return named;
  const listed = await readList(files, wire, tools);
  return Array.isArray(listed) ? copyAll(listed, wire, until, tools) : (listed as Carried);
}

/** What the manifest names, which has arrived with the hash that was approved. */
async function readList(
  files: Carry['files'],
  { to }: Wire,
  { read }: AdvanceTools,
): Promise<readonly CarriedFile[] | Carried> {
  const [manifest] = files;
  if (manifest === undefined) return { kind: 'ready' };
  const found = await read({ ...to, path: manifest.to, mostBytes: manifest.mostBytes });
  if (found.kind !== 'read') return found;
  const listed = listedFiles(found.bytes.toString('utf8'), manifest);
  return listed ?? { kind: 'failed', failure: { code: 'bad-manifest', detail: manifest.to } };
}

async function copyAll(
  files: readonly CarriedFile[],
  wire: Wire,
  until: number,
  { copy, now }: AdvanceTools,
): Promise<Carried> {
  const of = files.reduce((sum, { mostBytes }) => sum + mostBytes, 0);
  let before = 0;
  for (const file of files) {
    const budgetMs = Math.max(LEAST_MS, until - now().getTime());
    const copied = await copy({ ...wire, file, budgetMs });
    if (copied.kind !== 'copied') return unfinished(copied, before, of);
    before += file.mostBytes;
  }
  return { kind: 'ready' };
}

function unfinished(copied: Exclude<Copied, { kind: 'copied' }>, before: number, of: number): Carried {
  return copied.kind === 'under-way' ? { kind: 'under-way', bytes: before + copied.bytes, of } : copied;
}
