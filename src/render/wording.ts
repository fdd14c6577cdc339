/** The sentences of one verdict: a page's front matter filled in with the rule's facts. */
import Handlebars from 'handlebars';
import type { Facts } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import { showFacts } from './fact.ts';
import type { FrontMatter } from './page.ts';

// Text, not HTML: each surface escapes for itself. Strict: a fact the rule does not give is an error, not a blank.
const OPTIONS = { strict: true, noEscape: true, knownHelpersOnly: true } as const;

export interface FindingWords {
  readonly title: string;
  readonly summary: string;
  readonly why: string;
  readonly next: readonly string[];
}

/** Throws when a template names a fact that `facts` lacks. */
export function wordFinding(page: FrontMatter, facts: Facts, language: Language): FindingWords {
  const fill = filler(facts, language);
  return {
    title: page.title,
    summary: fill(page.summary),
    why: fill(page.why),
    next: page.next.map(fill).filter((line) => line !== ''),
  };
}

/** Throws when the template names a fact that `facts` lacks. */
export function wordRuledOut(page: FrontMatter, facts: Facts, language: Language): string {
  return filler(facts, language)(page.ruledOut);
}

function filler(facts: Facts, language: Language): (template: string) => string {
  const shown = showFacts(facts, language);
  const handlebars = Handlebars.create();
  return (template) => joinLines(handlebars.compile(template, OPTIONS)(shown));
}

const IDEOGRAPHIC = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u3001-\\u3011ー（）：]';
const BETWEEN_IDEOGRAPHS = new RegExp(`(?<=${IDEOGRAPHIC}) (?=${IDEOGRAPHIC})|(?<=[。、]) `, 'gu');

/** One line; a line break in the page stands for a blank, but not between Japanese characters. */
export function joinLines(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(BETWEEN_IDEOGRAPHS, '').trim();
}
