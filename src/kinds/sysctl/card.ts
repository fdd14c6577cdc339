/** What a change of sysctls shows of itself. Pure. */
import type { Facts, Scalar } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import type { Measures, Plan, Step } from '#domain/plan.ts';
import { partsOf } from '#domain/step-needs.ts';
import { showScalar } from '#render/fact.ts';
import { type FixWords, fillFix } from '#render/fix-words.ts';
import type { KindCard, KindWords, NumberCard, PlanCard } from '#render/kind-card.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';

export interface SysctlWords {
  readonly kind: KindWords;
  readonly change: ChangeWords;
  /** By the fix's id. */
  readonly fixes: ReadonlyMap<string, FixWords>;
  readonly language: Language;
}

export function sysctlCard(words: SysctlWords): KindCard {
  const card: KindCard<Plan> = {
    words: words.kind,
    plan: (plan) => planCard(plan, words),
    numbers: (change, proof) => numberCards(change.plan, proof.after, words),
    within: ({ goals }) => Math.max(0, ...goals.map((goal) => goal.within)),
  };
  return card;
}

/** A record may be of a fix that this release has not, or has with other numbers: then its id and its steps say what it is. */
function planCard(plan: Plan, { fixes, change, language }: SysctlWords): PlanCard {
  const { title, effect, limits, also } = fixes.get(plan.fix) ?? { title: plan.fix, also: [] };
  const say = (texts: readonly (string | undefined)[]) => texts.flatMap((text) => said(text, plan.facts, language));
  return {
    title,
    steps: plan.steps.map((step) => ({ name: step.key, text: stepText(step, change) })),
    effects: say([effect, limits]),
    also: say(also),
    parts: partsOfPlan(plan),
  };
}

/** Nothing, where it names a fact that there is not. */
function said(template: string | undefined, facts: Facts, language: Language): readonly string[] {
  if (template === undefined) return [];
  try {
    const text = fillFix(template, facts, language);
    return text === '' ? [] : [text];
  } catch {
    return [];
  }
}

export function stepText({ from, to, scope }: Step, { card }: ChangeWords): string {
  const shown = (value: string) => (value === '' ? '""' : value);
  const what =
    from === to ? fill(card.sameStep, { to: shown(to) }) : fill(card.step, { from: shown(from), to: shown(to) });
  return `${what}${scope === 'host' ? card.hostWide : ''}`;
}

/** In the order of the fix's words; of those that no goal is about, the ones that were measured. */
function numberCards(plan: Plan, after: Measures, words: SysctlWords): readonly NumberCard[] {
  const names = words.fixes.get(plan.fix)?.numbers ?? {};
  const goals = plan.goals.map(({ number }) => number);
  const show = (measures: Measures, number: string) => shown(measures[number], words.language);
  const isMeasured = (number: string) => [plan.before, after].some((measures) => show(measures, number) !== null);
  return [...new Set([...Object.keys(names), ...goals])]
    .filter((number) => goals.includes(number) || isMeasured(number))
    .map((number) => ({
      name: names[number] ?? number,
      before: show(plan.before, number),
      after: show(after, number),
    }));
}

function shown(scalar: Scalar | undefined, language: Language): string | null {
  const text = scalar === undefined ? null : showScalar(scalar, language);
  return text === null ? null : String(text);
}

/** Each step with all that it needs: nothing less can be approved. */
function partsOfPlan({ steps }: Plan): PlanCard['parts'] {
  return partsOf(steps).map(({ keys }) => {
    const [only] = keys.length === 1 ? steps.filter(({ key }) => key === keys[0]) : [];
    return { label: only === undefined ? keys.join(', ') : `${only.key}: ${only.from} → ${only.to}`, keys };
  });
}
