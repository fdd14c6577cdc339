/** What a change of sysctls shows of itself. Pure. */
import type { Scalar } from '#domain/fact.ts';
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

function planCard(plan: Plan, words: SysctlWords): PlanCard {
  const { title, effect, limits, also } = fixWords(plan, words);
  const say = (text: string) => fillFix(text, plan.facts, words.language);
  return {
    title,
    steps: plan.steps.map((step) => ({ name: step.key, text: stepText(step, words.change) })),
    effects: [say(effect), say(limits)],
    also: also.map(say).filter((text) => text !== ''),
    parts: partsOfPlan(plan),
  };
}

function fixWords({ fix }: Plan, { fixes }: SysctlWords): FixWords {
  const words = fixes.get(fix);
  if (words === undefined) throw new Error(`The fix ${fix} has no words.`);
  return words;
}

export function stepText({ from, to, scope }: Step, { card }: ChangeWords): string {
  const shown = (value: string) => (value === '' ? '""' : value);
  const what =
    from === to ? fill(card.sameStep, { to: shown(to) }) : fill(card.step, { from: shown(from), to: shown(to) });
  return `${what}${scope === 'host' ? card.hostWide : ''}`;
}

/** In the order of the fix's words; of those that no goal is about, the ones that were measured. */
function numberCards(plan: Plan, after: Measures, words: SysctlWords): readonly NumberCard[] {
  const names = fixWords(plan, words).numbers;
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
