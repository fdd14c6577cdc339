/** The kinds of a tcp-oncall that also knows four-gates changes. */
import { type KindLoader, loadKindCards, loadKinds } from '#catalogue.ts';
import { fourGatesCard } from './card.ts';
import { FOUR_GATES, FOUR_GATES_KIND } from './kind.ts';

export const WITH_FOUR_GATES: KindLoader = {
  kinds: async () => new Map([...(await loadKinds()), [FOUR_GATES, FOUR_GATES_KIND]]),
  cards: async (language, overrides) =>
    new Map([...(await loadKindCards(language, overrides)), [FOUR_GATES, fourGatesCard(language)]]),
};
