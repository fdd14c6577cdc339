/** Changes of sysctls: applied on trial, and kept or gone by themselves. */
import type { AnyKind, Kind, Proving } from '#change/kind.ts';
import type { Change } from '#domain/change.ts';
import type { Plan } from '#domain/plan.ts';
import { narrowPlan } from './narrow.ts';
import { observe } from './observe.ts';
import { order } from './order.ts';
import { sysctlLines } from './order-text.ts';
import { readPlan } from './plan.ts';
import { type FixCatalogue, riskOf } from './risk.ts';

export const SYSCTL = 'sysctl';

/** The helper answers when it is done, and values that were checked a while ago are not waited for. */
const AT_ONCE = { patience: 0, silence: 0 } as const;

/** `catalogue`: what each fix may write, and its risk. */
export function sysctlKind(catalogue: FixCatalogue): AnyKind {
  const kind: Kind<Plan> = {
    name: SYSCTL,
    gates: [
      { name: 'apply', role: 'target', trial: false, first: true, ...AT_ONCE },
      { name: 'keep', role: 'target', trial: true, first: false, ...AT_ONCE },
    ],
    wayBack: { name: 'revert', role: 'target', trial: false, first: true, ...AT_ONCE },
    readPlan,
    hostOf: ({ host }) => host,
    bound: sysctlLines,
    narrow: narrowPlan,
    reverse,
    riskOf: (plan) => riskOf(plan, catalogue),
    title: ({ fix }) => fix,
    order,
    observe,
    proving,
  };
  return kind;
}

/** The old values, in reverse order; nothing has to be proved by them. */
function reverse(plan: Plan): Plan {
  const steps = plan.steps.toReversed().map((step) => ({ ...step, from: step.to, to: step.from, needs: [] }));
  return { ...plan, steps, goals: [] };
}

/** Of what is taken back, nothing. */
function proving({ plan, reverts }: Change<Plan>): Proving | null {
  const { fix, facts, goals, before } = plan;
  return reverts === null ? { fix, facts, goals, before } : null;
}

export function isSysctl(change: Change): change is Change<Plan> {
  return change.kind === SYSCTL;
}
