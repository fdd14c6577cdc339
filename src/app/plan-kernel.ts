/** From a report and a look at both hosts to the plan of a kernel build, or to what stands in its way. */
import type { AnyPlan, Gate } from '#domain/change.ts';
import type { KernelWanted, Notice } from '#domain/check.ts';
import type { Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import type { AdvanceTools } from './advance-ports.ts';

export type PlanTools = Pick<AdvanceTools, 'run' | 'findHost'>;

export type KernelAim = Pick<KernelWanted, 'seconds' | 'builder' | 'config' | 'url'> & { readonly host: string };

/** What the check came to. */
export interface Seen {
  readonly report: Report;
  /** Undefined where nothing was planned. */
  readonly proposals: readonly Proposal[] | undefined;
}

export type KernelPlanned =
  | {
      readonly kind: 'planned';
      readonly plan: AnyPlan;
      /** By role, with the keys they answered with. */
      readonly hosts: Readonly<Record<'target' | 'builder', Pick<Gate, 'host' | 'hostKey'>>>;
      readonly warnings: readonly Notice[];
    }
  | { readonly kind: 'refused'; readonly why: readonly Notice[] };

/** Never throws for anything that can happen to a host or a network. */
export async function planKernel(
  _aim: KernelAim,
  _seen: Seen,
  _signal: AbortSignal,
  _tools: PlanTools,
): Promise<KernelPlanned> {
  return { kind: 'refused', why: [{ code: 'no-rule', details: {} }] };
}
