/** Why there is no plan, or why a host took none: one sentence, by the fix's own words or by those of the bound. */
import type { Language } from '#domain/language.ts';
import { BOUNDS } from '#domain/out-of-bounds.ts';
import type { Blocked, Refusal } from '#domain/plan.ts';
import type { Vocabulary } from './document.ts';
import { showFacts } from './fact.ts';
import { type FixWords, fillFix } from './fix-words.ts';
import type { ChangeWords } from './slack/change-words.ts';
import { fill } from './words.ts';

export interface RefusalVoice {
  readonly language: Language;
  readonly change: Pick<ChangeWords, 'bounds'>;
  readonly fixes: ReadonlyMap<string, FixWords>;
}

export function refusalText({ fix, why, facts }: Refusal, { language, change, fixes }: RefusalVoice): string {
  if (why === 'out-of-bounds') {
    const shown = showFacts(facts, language);
    return boundText(['key', 'bound', 'limit', 'value'].map((name) => shown[name]).join(' '), change) ?? why;
  }
  return fillFix(fixes.get(fix)?.refusals[why] ?? why, facts, language);
}

/** Why a fix is blocked, and why that matters: what it would cure was found here. */
export function blockedText(
  blocked: Blocked,
  template: string,
  pages: Vocabulary['pages'],
  voice: RefusalVoice,
): string {
  const titles = blocked.answers.map((id) => pages.get(id)?.wording.title ?? id).join(' · ');
  return fill(template, { titles, why: refusalText(blocked, voice) });
}

/** Of `KEY BOUND LIMIT VALUE`, as the helper says it; undefined for the words of an older helper. */
export function boundText(said: string, { bounds }: Pick<ChangeWords, 'bounds'>): string | undefined {
  const [key = '', name, limit = '', ...value] = said.split(' ');
  const bound = BOUNDS.find((each) => each === name);
  return bound === undefined ? undefined : fill(bounds[bound], { key, limit, value: value.join(' ') });
}
