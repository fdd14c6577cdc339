/** Somebody asks for a kernel: in words, with the form, or with a button that opens it. */
import { cancelCheck } from '#app/cancel-check.ts';
import type { ProposalRefusal } from '#app/propose.ts';
import type { Requested } from '#app/request-check.ts';
import { type KernelField, kernelTarget, requestKernel, whyNotAsk } from '#app/request-kernel.ts';
import { groupsNeeded } from '#change/circles.ts';
import { ruleFor } from '#change/policy.ts';
import type { CardPlace } from '#domain/card.ts';
import { kernelModal } from '#render/slack/kernel-modal.ts';
import type { Asked } from './attend.ts';
import { changeSentence, deciderOf, decideTools } from './change-desk.ts';
import { chosenIn, type Opened, textIn, type Values } from './modal-values.ts';
import type { FieldProblem } from './submissions.ts';
import type { Desk } from './tools.ts';

/** What somebody typed, or a form begins with; null = nothing. */
export interface KernelTyped {
  readonly host: string | null;
  readonly builder: string | null;
  readonly seconds: number | null;
  readonly config: 'running' | 'modules';
  readonly reason: string;
}

const FIRST = { name: 'build', first: true };

/** Opens the form, unless what is known already is refused. */
export async function openKernelForm(
  typed: KernelTyped,
  trigger: string,
  opened: Omit<Opened, 'value'>,
  asked: Asked,
  desk: Desk,
): Promise<FieldProblem | undefined> {
  const known = await hostsOf(typed, asked, desk);
  if ('field' in known) return known;
  const { host, builder } = known;
  const problem = host === null ? undefined : await whyNotOpen({ ...typed, host, builder: builder ?? '' }, asked, desk);
  if (problem !== undefined) return problem;
  const rule = host === null ? undefined : ruleFor(desk.changes.policy, targetOf(host, desk));
  const metadata = JSON.stringify({ value: '', ...opened });
  const shown = { ...typed, host, builder, reasonRequired: rule?.reasonRequired ?? true, metadata };
  await desk.client.views.open({ trigger_id: trigger, view: kernelModal(shown, asked.voice) });
  return undefined;
}

/** The seconds and the reason can be put right in the form. */
async function whyNotOpen(
  { host, builder }: { readonly host: string; readonly builder: string },
  asked: Asked,
  desk: Desk,
): Promise<FieldProblem | undefined> {
  const { person } = await askerFor(host, asked, desk);
  const refused = await whyNotAsk({ host, builder, seconds: null, reason: null, person }, decideTools(desk));
  return refused && fieldProblem(refused.field, refused.why, host, asked);
}

/** A form that came back. */
export function askInForm({ channel, thread }: Opened, values: Values, asked: Asked, desk: Desk) {
  const seconds = textIn(values, 'seconds').trim();
  const typed: KernelTyped = {
    host: chosenIn(values, 'host') ?? '',
    builder: chosenIn(values, 'builder') ?? '',
    seconds: /^\d{1,4}$/.test(seconds) ? Number(seconds) : Number.NaN,
    config: chosenIn(values, 'config') === 'modules' ? 'modules' : 'running',
    reason: textIn(values, 'reason'),
  };
  return askForKernel(typed, { channel, thread }, asked, desk, async () => {});
}

/** `said`: what is to be told once it is under way. */
export async function askForKernel(
  typed: KernelTyped,
  place: CardPlace,
  asked: Asked,
  desk: Desk,
  said: (requested: Requested) => Promise<void>,
): Promise<FieldProblem | undefined> {
  const known = await hostsOf(typed, asked, desk);
  if ('field' in known) return known;
  const { host, builder } = known;
  if (host === null) return fieldProblem('host', 'unknown-host', '', asked);
  if (builder === null) return fieldProblem('builder', 'no-builder', host, asked);
  const { actor, person } = await askerFor(host, asked, desk);
  const language = desk.channels.get(place.channel)?.language ?? asked.person.language;
  const { key } = asked;
  const { config, reason, seconds } = typed;
  const wanted = { key, host, builder, config, url: null, reason, seconds: seconds ?? Number.NaN };
  const { store, queue, now, log } = desk;
  const tools = { ...decideTools(desk), ...store, queue, now };
  const asking = { ...wanted, actor, person, place, language };
  const answer = await requestKernel(asking, tools);
  log.info({ user: asked.user, host, builder, seconds, ...outcomeOf(answer) }, 'kernel requested');
  if (answer.kind === 'refused') return fieldProblem(answer.field, answer.why, host, asked);
  await show(answer.requested, asked, desk);
  await said(answer.requested);
  return undefined;
}

function outcomeOf(answer: Awaited<ReturnType<typeof requestKernel>>): object {
  return answer.kind === 'refused' ? { why: answer.why } : { run: answer.requested.run.id };
}

/** Where nobody would see what comes of it, nothing is begun. */
async function show({ card, run, kind }: Requested, asked: Asked, desk: Desk): Promise<void> {
  const { store, queue, announce } = desk;
  await announce({ kind: 'check', id: run.id }, 'soon');
  if (card === null || (await desk.presentCard(card.id)) !== 'refused') return;
  if (kind === 'begun') await cancelCheck(run.id, asked.actor, { ...store, queue, announce });
  await asked.refuse('not-in-channel');
}

function targetOf(host: string, { inventory }: Pick<Desk, 'inventory'>) {
  return kernelTarget(inventory().groupsOf(host));
}

function askerFor(host: string, asked: Asked, desk: Desk) {
  const needed = groupsNeeded('propose', desk.changes.policy, targetOf(host, desk), FIRST, asked.actor.id);
  return deciderOf(needed, asked, desk);
}

/** By their names in the inventory. */
async function hostsOf(typed: KernelTyped, asked: Asked, desk: Desk) {
  const host = await hostNamed('host', typed.host, asked, desk);
  if (typeof host === 'object' && host !== null) return host;
  const builder = await hostNamed('builder', typed.builder ?? desk.changes.builder ?? null, asked, desk);
  return typeof builder === 'object' && builder !== null ? builder : { host, builder };
}

async function hostNamed(
  field: KernelField,
  typed: string | null,
  asked: Asked,
  desk: Desk,
): Promise<string | null | FieldProblem> {
  if (typed === null) return null;
  const host = desk.inventory().recognise(typed);
  if (host !== undefined) return host;
  const found = await desk.inventory().findTyped(typed);
  const nearest = found.kind === 'unknown' ? found.nearest.join(asked.voice.vocabulary.words.usage.or) : '';
  return { field, sentence: changeSentence(asked, 'unknown-host', { host: typed, nearest }) };
}

function fieldProblem(
  field: KernelField,
  why: ProposalRefusal | 'bad-seconds' | 'asked-already' | 'no-builder' | 'unknown-host',
  host: string,
  asked: Asked,
): FieldProblem {
  return { field, sentence: changeSentence(asked, why, { host }) };
}
