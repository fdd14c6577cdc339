/** The sentences of one verdict: a page's front matter filled in with the rule's facts. */
import type { Facts } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import { compiledSentence } from './compiled.ts';
import { showFacts } from './fact.ts';
import type { FrontMatter } from './page.ts';

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
  return (template) => joinLines(compiledSentence(template)(shown));
}

const IDEOGRAPHIC = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u3001-\\u3011ー（）：]';
const BETWEEN_IDEOGRAPHS = new RegExp(`(?<=${IDEOGRAPHIC}) (?=${IDEOGRAPHIC})|(?<=[。、]) `, 'gu');

/** Whether there is a blank between the two texts: not between Japanese characters. */
export function needsBlank(before: string, after: string): boolean {
  return joinLines(`${before.slice(-1)} ${after.slice(0, 1)}`).includes(' ');
}

/** With a blank between them where their language has one. */
export function joinSentences(sentences: readonly string[]): string {
  return sentences.reduce((said, next) => `${said}${needsBlank(said, next) ? ' ' : ''}${next}`, '');
}

/** One line; a line break in the page stands for a blank, but not between Japanese characters. */
export function joinLines(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(BETWEEN_IDEOGRAPHS, '').trim();
}
