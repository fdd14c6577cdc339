/** Somebody asks for a kernel build: what cannot be is refused at once, else the host is checked, and what follows is asked for then. */
import { mayAsk, type PolicyTarget, type Somebody } from '#change/policy.ts';
import type { CardPlace } from '#domain/card.ts';
import type { Actor, Check, KernelWanted } from '#domain/check.ts';
import { USUAL_INTERVAL } from '#domain/interval.ts';
import type { Language } from '#domain/language.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import { SECONDS } from '#kinds/kernel/plan.ts';
import { type DecideTools, isFrozenNow } from './decide-ports.ts';
import type { ProposalRefusal } from './propose.ts';
import { type Requested, type RequestTools, requestCheck } from './request-check.ts';

export interface KernelAsked extends Pick<KernelWanted, 'key' | 'seconds' | 'builder' | 'config' | 'url' | 'reason'> {
  readonly host: string;
  readonly actor: Actor;
  readonly person: Somebody;
  /** Null = it is shown nowhere in Slack. */
  readonly place: CardPlace | null;
  readonly language: Language;
}

export interface KernelTools
  extends RequestTools,
    Pick<DecideTools, 'policy' | 'changes' | 'freezes' | 'groupsOf' | 'now'> {}

/** What the person typed that is wrong. */
export type KernelField = 'host' | 'builder' | 'seconds' | 'reason';

export type KernelRequested =
  | { readonly kind: 'requested'; readonly requested: Requested }
  | {
      readonly kind: 'refused';
      readonly field: KernelField;
      readonly why: ProposalRefusal | 'bad-seconds' | 'asked-already';
    };

type Refused = Extract<KernelRequested, { kind: 'refused' }>;

/** Rejects with a StoreDown. */
export async function requestKernel(asked: KernelAsked, tools: KernelTools): Promise<KernelRequested> {
  const refused = await whyNotAsk(asked, tools);
  if (refused !== undefined) return refused;
  const { key, host, actor, place, language } = asked;
  const next = wantedOf(asked);
  const requested = await requestCheck({ key, host, interval: USUAL_INTERVAL, actor, place, language, next }, tools);
  return isHis(requested.run, next) ? { kind: 'requested', requested } : refuse('host', 'asked-already');
}

/** What can be said before it is asked for; null = not known yet. */
interface KernelKnown extends Pick<KernelAsked, 'host' | 'builder' | 'person'> {
  readonly seconds: number | null;
  readonly reason: string | null;
}

/** Also before a form is opened. Rejects with a StoreDown. */
export async function whyNotAsk(
  { host, builder, seconds, person, reason }: KernelKnown,
  tools: Pick<KernelTools, 'policy' | 'changes' | 'freezes' | 'groupsOf' | 'now'>,
): Promise<Refused | undefined> {
  if (seconds !== null && !isOffered(seconds)) return refuse('seconds', 'bad-seconds');
  const may = mayAsk(tools.policy, kernelTarget(tools.groupsOf(host)), person);
  if (may.kind === 'refused') return refuse('host', may.why);
  if (may.rule.reasonRequired && reason?.trim() === '') return refuse('reason', 'reason-required');
  if (builder === host && !may.rule.ownBuilder) return refuse('builder', 'own-builder');
  return (await isFrozenNow({ host }, tools)) ? refuse('host', 'frozen') : undefined;
}

/** Every kernel is a high risk. `groups`: of the host that gets it. */
export function kernelTarget(groups: readonly string[]): PolicyTarget {
  return { kind: KERNEL, groups, risk: 'high' };
}

export function isOffered(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= SECONDS.least && seconds <= SECONDS.most;
}

function wantedOf({ key, seconds, builder, config, url, reason, actor, person, place }: KernelAsked): KernelWanted {
  return { kind: KERNEL, key, seconds, builder, config, url, reason, actor, userGroups: person.userGroups, place };
}

/** Another person's request may have been first with a check that was joined. */
function isHis({ next }: Check, { key }: KernelWanted): boolean {
  return next?.key === key;
}

function refuse(field: KernelField, why: Refused['why']): Refused {
  return { kind: 'refused', field, why };
}
