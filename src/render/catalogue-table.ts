/** The table of diagnoses: for the terminal and, as Markdown, for the README. Pure. */
import type { Language } from '#domain/language.ts';
import type { PageWording } from './document.ts';

/** What the table needs of a diagnosis. */
interface Listed {
  readonly id: string;
  readonly area: string;
}

type Wordings = ReadonlyMap<string, PageWording>;

/** Id and title, in the order given. */
export function catalogueRows(diagnoses: readonly Listed[], wordings: Wordings): readonly (readonly string[])[] {
  return diagnoses.map(({ id }) => [id, wordings.get(id)?.wording.title ?? '']);
}

const HEADS = { en: '| Diagnosis | What it finds |', ja: '| 診断 | 見つけるもの |' } as const;

/** A Markdown table; each id links to its page from the repository's root. */
export function catalogueTable(diagnoses: readonly Listed[], wordings: Wordings, language: Language): string {
  const rows = diagnoses.map(({ id }) => {
    const { address = '', wording } = wordings.get(id) ?? {};
    return `| [${id}](${address}) | ${wording?.title.replaceAll('|', '\\|') ?? ''} |`;
  });
  return `${[HEADS[language], '|---|---|', ...rows].join('\n')}\n`;
}
