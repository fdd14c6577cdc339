/** What a four-gates change shows of itself. Pure, but for its words. */
import { readFileSync } from 'node:fs';
import type { Language } from '#domain/language.ts';
import { type KindCard, parseKindWords } from '#render/kind-card.ts';
import type { FourGatesPlan } from './kind.ts';

const EFFECTS = {
  en: 'Builds it, installs it, and boots into it on trial.',
  ja: 'ビルドしてインストールし、試用として起動します。',
};

export function fourGatesCard(language: Language): KindCard {
  const file = `words.${language}.yaml`;
  const card: KindCard<FourGatesPlan> = {
    words: parseKindWords(readFileSync(new URL(file, import.meta.url), 'utf8'), file),
    plan: ({ what, builder, host }) => ({
      title: what,
      steps: [{ name: what, text: `${builder} → ${host}` }],
      effects: [EFFECTS[language]],
      also: [],
      parts: [],
    }),
    numbers: () => [],
    within: () => 0,
  };
  return card;
}
