/** From a check and a look at both hosts to the plan of a kernel build, or to what stands in its way. */
import { randomBytes } from 'node:crypto';
import type { Gate } from '#domain/change.ts';
import type { KernelWanted, Notice } from '#domain/check.ts';
import type { Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import { type FramedAnswer, makePlan } from '#kinds/kernel/make-plan.ts';
import type { KernelPlan } from '#kinds/kernel/plan.ts';
import { preflightOrder } from '#kinds/kernel/preflight.ts';
import type { Role } from '#kinds/kernel/preflight-answer.ts';
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
      readonly plan: KernelPlan;
      /** By role, with the keys they answered with. */
      readonly hosts: Readonly<Record<Role, Pick<Gate, 'host' | 'hostKey'>>>;
      readonly warnings: readonly Notice[];
    }
  | Refused;

interface Refused {
  readonly kind: 'refused';
  readonly why: readonly Notice[];
}

/** Both hosts are asked at once. Never throws for anything that can happen to a host or a network. */
export async function planKernel(
  aim: KernelAim,
  { report, proposals = [] }: Seen,
  signal: AbortSignal,
  tools: PlanTools,
): Promise<KernelPlanned> {
  const [target, builder] = await Promise.all([
    look('target', aim.host, report.hostKey, signal, tools),
    look('builder', aim.builder, null, signal, tools),
  ]);
  if (target.kind === 'failed' || builder.kind === 'failed')
    return { kind: 'refused', why: [target, builder].flatMap((each) => (each.kind === 'failed' ? each.why : [])) };
  const made = makePlan(aim, { report, proposals, target, builder });
  if (made.kind === 'refused') return made;
  const hosts = {
    target: { host: aim.host, hostKey: target.hostKey },
    builder: { host: aim.builder, hostKey: builder.hostKey },
  };
  return { ...made, hosts };
}

type Looked =
  | ({ readonly kind: 'answered'; readonly hostKey: string | null } & FramedAnswer)
  | { readonly kind: 'failed'; readonly why: Refused['why'] };

/** `hostKey`: the one that the check met; another host under its name is not asked. */
async function look(
  role: Role,
  name: string,
  hostKey: string | null,
  signal: AbortSignal,
  { run, findHost }: PlanTools,
): Promise<Looked> {
  const host = await findHost(name);
  if ('kind' in host) return failed(name, String(host.kind));
  // Not to be guessed, so that nothing a host prints can be taken for the answer.
  const word = randomBytes(12).toString('hex');
  const { input, deadlineMs, maxBytes } = preflightOrder(role, word);
  const answer = await run(host, { input, deadlineMs, maxBytes, signal, ...(hostKey !== null && { hostKey }) });
  return answer.kind === 'exited'
    ? { kind: 'answered', text: answer.stdout, word, hostKey: answer.hostKey }
    : failed(name, answer.kind);
}

function failed(host: string, kind: string): Looked {
  return { kind: 'failed', why: [{ code: 'preflight-unreached', details: { host, detail: kind } }] };
}
