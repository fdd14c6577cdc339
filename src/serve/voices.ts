/** The bot's words in every language, read once at the start: a broken page is found then, and not at three in the morning. */
import {
  type KindLoader,
  loadChangeWords,
  loadFixWords,
  loadSlackWords,
  loadTemplate,
  loadTopic,
  loadWordings,
  loadWords,
} from '#catalogue.ts';
import type { Config } from '#config.ts';
import { LANGUAGES, type Language } from '#domain/language.ts';
import { BrokenTextError } from '#render/broken-text.ts';
import { wordReport } from '#render/document.ts';
import type { SlackVoice } from '#render/slack/message.ts';
import { renderReport } from '#render/terminal.ts';
import { missingWords } from '#slack/commands/commands.ts';
import type { SlackTools } from '#slack/tools.ts';

export type Voices = Pick<SlackTools, 'voice' | 'page' | 'fullReport'>;

const FILE_WIDTH = 100;

/** Rejects with a BrokenTextError that names the file. */
export async function loadVoices({
  overrides = null,
  slack,
  cards,
}: {
  readonly overrides: string | null;
  readonly slack: Config['slack'];
  readonly cards: KindLoader['cards'];
}): Promise<Voices> {
  const voices = new Map(
    await Promise.all(LANGUAGES.map(async (language) => [language, await loadVoice(language)] as const)),
  );

  async function loadVoice(language: Language): Promise<SlackVoice> {
    const [words, pages, said, change, fixes, kinds] = await Promise.all([
      loadWords(language, overrides),
      loadWordings(language, overrides),
      loadSlackWords(language, overrides),
      loadChangeWords(language, overrides),
      loadFixWords(language, overrides),
      cards(language, overrides),
    ]);
    const missing = missingWords(said);
    if (missing.length > 0)
      throw new BrokenTextError(`templates/slack.${language}.yaml has no words for ${missing.join(', ')}.`);
    return {
      vocabulary: { language, words, pages },
      slack: said,
      change,
      fixes,
      kinds,
      runbooks: slack.runbooks ?? null,
    };
  }

  function voice(language: Language): SlackVoice {
    const known = voices.get(language);
    if (known === undefined) throw new Error(`There are no words in ${language}.`);
    return known;
  }

  return {
    voice,
    page: (id, language) => loadTopic(id, language, overrides),
    async fullReport(report, language) {
      const { vocabulary } = voice(language);
      const template = await loadTemplate(`terminal.${language}.hbs`, overrides);
      return renderReport(wordReport(report, vocabulary), {
        words: vocabulary.words,
        template,
        width: FILE_WIDTH,
        colour: false,
        all: true,
      });
    },
  };
}
