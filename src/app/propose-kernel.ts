/** What a worker does for somebody who wants a kernel, once the report is there: both hosts are looked at, and the change is asked for. */
import type { AskedFor, Check, KernelWanted } from '#domain/check.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import { beside } from './beside.ts';
import type { Cards } from './card-ports.ts';
import { type PlanTools, planKernel, type Seen } from './plan-kernel.ts';
import { type Asking, type ProposeTools, propose } from './propose.ts';
import { kindOf } from './transition.ts';

export interface ProposeKernelTools extends ProposeTools, PlanTools {}

/** Asked again, it is the same change. Rejects with a StoreDown. */
export async function proposeKernel(
  run: Pick<Check, 'id' | 'host'>,
  wanted: KernelWanted,
  seen: Seen,
  signal: AbortSignal,
  tools: ProposeKernelTools,
): Promise<AskedFor> {
  const planned = await planKernel({ ...wanted, host: run.host }, seen, signal, tools);
  if (planned.kind === 'refused') return planned;
  const { plan, hosts, warnings } = planned;
  const asking = await askingFor(run, wanted, tools.cards);
  const kind = kindOf({ kind: KERNEL }, tools.kinds);
  const proposed = await propose({ kind, plan, run: run.id, hosts, reverts: null, unready: null }, asking, tools);
  return proposed.kind === 'refused'
    ? { kind: 'refused', why: [{ code: proposed.why, details: proposed.details ?? {} }] }
    : { kind: 'proposed', change: proposed.change.id, warnings };
}

async function askingFor(
  { id }: Pick<Check, 'id'>,
  { key, actor, userGroups, reason, place }: KernelWanted,
  cards: Cards,
): Promise<Asking> {
  return {
    key,
    requester: actor,
    person: { id: actor.id, userGroups },
    revertMinutes: null,
    reason,
    breakGlass: false,
    card: place === null ? null : await beside({ kind: 'check', id }, cards, place),
  };
}
