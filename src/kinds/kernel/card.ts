/** What a kernel change shows of itself. Pure. */
import type { Facts, Rows, Scalar } from '#domain/fact.ts';
import { setting } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import type { Measures } from '#domain/plan.ts';
import { REASON_CODES } from '#domain/reading.ts';
import { showScalar } from '#render/fact.ts';
import { fillFix } from '#render/fix-words.ts';
import type { KindCard, NumberCard, PlanCard } from '#render/kind-card.ts';
import { fill, type Words } from '#render/words.ts';
import { QUESTIONS, type Question } from './evidence.ts';
import type { KernelPlan } from './plan.ts';
import { progressWords, stageWords } from './progress.ts';
import { type KernelWords, NUMBERS } from './words.ts';

export interface CardWords {
  readonly kind: KernelWords;
  /** Why a reading is not there, as a check says it. */
  readonly reasons: Words['reasons'];
  readonly language: Language;
}

export function kernelCard(words: CardWords): KindCard {
  const card: KindCard<KernelPlan> = {
    words: words.kind,
    plan: (plan) => planCard(plan, words),
    numbers: (_, { before, after }) => numberCards(before ?? {}, after, words),
    // The host measures, and says so at once.
    within: () => 0,
    progress: (line) => progressWords(line, words),
    stage: (line) => stageWords(line, words),
  };
  return card;
}

/** The cheaper way first: a build is the last resort. */
function planCard(plan: KernelPlan, words: CardWords): PlanCard {
  return {
    title: fill(words.kind.title, { release: plan.release, seconds: plan.seconds }),
    steps: stepsOf(plan, words.kind),
    effects: [cheaperText(plan, words), effectText(plan, words), ...answerTexts(plan, words)].filter(
      (text) => text !== '',
    ),
    also: warningTexts(plan, words.kind),
    parts: [],
  };
}

function stepsOf(plan: KernelPlan, { steps, configs }: KernelWords): PlanCard['steps'] {
  const { host, builder, release, seconds, source, missing, modules } = plan;
  const config = fill(configs[plan.config], { n: modules.length });
  const facts = { host, builder, release, seconds, config, ...source, n: missing.length, names: missing.join(' ') };
  const names = missing.length === 0 ? WITHOUT_PREPARE : (['prepare', ...WITHOUT_PREPARE] as const);
  return names.map((name) => ({ name, text: fill(steps[name], facts) }));
}

const WITHOUT_PREPARE = ['build', 'install', 'boot', 'keep'] as const;

function cheaperText(plan: KernelPlan, { kind, language }: CardWords): string {
  const code = scalarIn(plan.facts['cheaper']);
  const template = typeof code === 'string' ? kind.cheaper[code] : undefined;
  return said(template ?? kind.cheaper['none'], factsOf(plan), language);
}

/** TCP_TIMEWAIT_LEN of an unpatched kernel, include/net/tcp.h. */
const USUAL_SECONDS = 60;

function effectText(plan: KernelPlan, { kind, language }: CardWords): string {
  const [ports, measured] = [scalarIn(plan.facts['ports']), scalarIn(plan.facts['length'])];
  const old = typeof measured === 'number' ? Math.round(measured) : USUAL_SECONDS;
  const facts = { ...factsOf(plan), old: setting(old, 'length') };
  if (typeof ports !== 'number' || ports === 0) return said(kind.effects.length, facts, language);
  const ceiling = (seconds: number): Scalar => ({
    value: Math.floor(ports / seconds),
    unit: 'none',
    from: 'ports / seconds',
  });
  return said(kind.effects.ceiling, { ...facts, ceiling: ceiling(old), ceilingNew: ceiling(plan.seconds) }, language);
}

function answerTexts(plan: KernelPlan, words: CardWords): readonly string[] {
  return QUESTIONS.map((name) => answerText(name, plan, words));
}

function answerText(name: Question, plan: KernelPlan, { kind, reasons, language }: CardWords): string {
  const [code, reason, what] = [`${name}Answer`, `${name}Reason`, `${name}What`].map((fact) =>
    scalarIn(plan.facts[fact]),
  );
  const template = typeof code === 'string' ? kind.answers[name][code] : undefined;
  if (template !== undefined && code !== 'unknown') return said(template, factsOf(plan), language);
  const known = REASON_CODES.find((each) => each === reason);
  const why = known === undefined ? '' : fill(reasons[known].sentence, { what: String(what ?? '') });
  return fill(kind.answers[name]['unknown'] ?? '{{reason}}', { reason: why });
}

function warningTexts({ facts, host, builder }: KernelPlan, { notices }: KernelWords): readonly string[] {
  const { warnings } = facts;
  if (warnings === undefined || !('rows' in warnings)) return [];
  return warnings.rows.flatMap(({ code, ...details }) => {
    const template = notices[String(code?.value)];
    const names = Object.entries(details).map(([name, { value }]) => [name, value === null ? '' : String(value)]);
    const known = { host, builder, ...Object.fromEntries(names) };
    return template === undefined ? [] : filled(() => fill(template, known));
  });
}

/** Seconds as a number alone: the sentence has the unit. */
function factsOf({ facts, seconds }: KernelPlan): Facts {
  return { ...facts, seconds: setting(seconds, 'plan') };
}

/** Nothing, where a record of another version lacks what the sentence names. */
function said(template: string | undefined, facts: Facts, language: Language): string {
  return template === undefined ? '' : (filled(() => fillFix(template, facts, language))[0] ?? '');
}

function filled(text: () => string): readonly string[] {
  try {
    return [text()];
  } catch {
    return [];
  }
}

function scalarIn(given: Scalar | Rows | undefined): Scalar['value'] {
  return given === undefined || 'rows' in given ? null : given.value;
}

function numberCards(before: Measures, after: Measures, { kind, language }: CardWords): readonly NumberCard[] {
  const show = (scalar: Scalar | undefined) => {
    const text = scalar === undefined ? null : showScalar(scalar, language);
    return text === null ? null : String(text);
  };
  return NUMBERS.map((name) => ({ name: kind.numbers[name], before: show(before[name]), after: show(after[name]) }));
}
