/** What a kind of change shows of itself in one language, without a surface: Slack and the terminal lay it out. */
import { z } from 'zod';
import { type AnyPlan, type Change, gateOf, type Proof, stageOf } from '#domain/change.ts';
import type { ChangeWords } from './slack/change-words.ts';
import { fill } from './words.ts';
import { byName, sentence, wordsParser } from './words-parser.ts';

const question = z.strictObject({ title: sentence, text: sentence, confirm: sentence, deny: sentence });
/** A button, and the question before it. */
const asking = z.strictObject({ button: sentence, confirm: question });

/** Of one gate: its button, and the question before it; without one it is pressed at once. */
const gate = z.strictObject({
  approve: sentence,
  /** Before those who may, and before those who did. */
  may: sentence,
  by: sentence,
  confirm: question.optional(),
  /** Ends its work while that is under way; without it there is no such button. */
  cancel: asking.optional(),
});

/** A kind may have more words. */
export const kindWords = z.strictObject({
  /** A headline by stage; `taken-back` is the end of a change that reverts another. An end may have one for the gate where it came: `expired boot`. */
  stages: byName(sentence),
  /** What the thread is told, by stage: an edit notifies nobody. None for what a moment later is another. */
  told: byName(sentence),
  gates: byName(gate),
  /** Where the words that every kind has (`buttons`, `confirm`) do not say what happens. */
  revert: asking.optional(),
  takeBack: asking.optional(),
  /** Titles of the kept files that its thread gets, by name. */
  files: byName(sentence).prefault({}),
  /** What reverting a kept change does; none where nothing can be reverted. */
  wayBack: sentence.optional(),
  /** Why a change is not asked for, and what to bear in mind about one, by code. No host says these. */
  notices: byName(sentence).prefault({}),
  /** By the code of what stood in the way; those that every kind has are in templates/change.<language>.yaml. */
  failures: byName(sentence),
});

export type KindWords = z.infer<typeof kindWords>;

export const parseKindWords = wordsParser(kindWords);

export interface PlanCard {
  readonly title: string;
  /** What would be done: a name, such as a key, and what becomes of it. */
  readonly steps: readonly { readonly name: string; readonly text: string }[];
  /** What it is predicted to do, and what it does not. */
  readonly effects: readonly string[];
  /** What must happen as well. */
  readonly also: readonly string[];
  /** What may be approved of it alone: a label, and its parts as the kind names them. */
  readonly parts: readonly { readonly label: string; readonly keys: readonly string[] }[];
}

export interface NumberCard {
  readonly name: string;
  /** Null = not known. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Methods, as those of a kind. */
export interface KindCard<P extends AnyPlan = AnyPlan> {
  readonly words: KindWords;
  plan(plan: P): PlanCard;
  /** The first is the number that people feel. */
  numbers(change: Change<P>, proof: Proof): readonly NumberCard[];
  /** Seconds within which the numbers have to move. */
  within(plan: P): number;
  /** What its host said of work under way, in words; without this method it is shown as it is. */
  progress?(line: string): string;
  /** The stage that work under way has come to, for its thread: what names it, and a sentence. */
  stage?(line: string): { readonly key: string; readonly text: string } | undefined;
}

export type KindCards = ReadonlyMap<string, KindCard>;

export function cardOf({ kind }: Pick<Change, 'kind'>, cards: KindCards): KindCard {
  const card = cards.get(kind);
  if (card === undefined) throw new Error(`The kind ${kind} has no words.`);
  return card;
}

/** Of the gate that is open, or whose work is under way. */
export function gateWords(
  change: Pick<Change, 'kind' | 'state' | 'gates'>,
  cards: KindCards,
): KindWords['gates'][string] | undefined {
  return cardOf(change, cards).words.gates[gateOf(change)?.name ?? ''];
}

/** What is to be done; a way back is not described as what it takes back. */
export function planOf({ kind, plan, reverts }: Pick<Change, 'kind' | 'plan' | 'reverts'>, cards: KindCards): PlanCard {
  const card = cardOf({ kind }, cards);
  const shown = card.plan(plan);
  const { wayBack } = card.words;
  if (reverts === null) return shown;
  return { ...shown, effects: wayBack === undefined ? [] : [wayBack], also: [] };
}

const MIB = 1_048_576;
/** What a worker keeps of a copy, while its change is queued. */
const COPIED = /^copied (\d{1,15})\/(\d{1,15})$/;

/** `said`: by the host, or by the worker that copies what the host needs; '' = nothing. */
export function progressText(
  change: Change,
  said: string,
  cards: KindCards,
  { card }: Pick<ChangeWords, 'card'>,
): string {
  if (said === '') return '';
  const [, bytes, of] = (change.state.kind === 'queued' && COPIED.exec(said)) || [];
  if (of !== undefined) return fill(card.copying, { done: mebibytes(bytes), all: mebibytes(of) });
  const line = cardOf(change, cards).progress?.(said) ?? said;
  return fill(card.progress, { line });
}

function mebibytes(bytes: string | undefined): string {
  return (Number(bytes) / MIB).toFixed(1);
}

/** The key of a stage's sentences. */
export function stageKey(change: Pick<Change, 'state' | 'gates' | 'reverts'>): string {
  const stage = stageOf(change);
  return stage === 'done' && change.reverts !== null ? 'taken-back' : stage;
}

/** The headline of its stage. */
export function stageSentence(change: Change, cards: KindCards, { stages }: Pick<ChangeWords, 'stages'>): string {
  const template = sentenceOf(change, cardOf(change, cards).words.stages, stages) ?? stageKey(change);
  return fill(template, { host: change.host });
}

/** Its kind says what this end means at the gate where it came, and needs no general reason beside it. */
export function isToldByGate(change: Change, cards: KindCards): boolean {
  return cardOf(change, cards).words.told[`${stageKey(change)} ${lastGate(change)}`] !== undefined;
}

/** What its thread is told of its stage; undefined for what a moment later is another. */
export function toldSentence(
  change: Change,
  cards: KindCards,
  { told }: Pick<ChangeWords, 'told'>,
): string | undefined {
  const { host, revertMinutes: minutes } = change;
  const template = sentenceOf(change, cardOf(change, cards).words.told, told);
  return template === undefined ? undefined : fill(template, { host, minutes });
}

type Sentences = Readonly<Record<string, string>>;

/** The kind's own before those of every kind; of an end, first what it means at the gate where it came. */
function sentenceOf(change: Change, own: Sentences, every: Sentences): string | undefined {
  const key = stageKey(change);
  const at = change.state.kind === 'ended' ? own[`${key} ${lastGate(change)}`] : undefined;
  return at ?? own[key] ?? every[key];
}

function lastGate({ gates }: Pick<Change, 'gates'>): string {
  return gates.findLast(({ expiresAt }) => expiresAt !== null)?.name ?? '';
}
