/** What holds for every command: configuration, language, the site's own texts. */
import type { Language } from '#domain/language.ts';
import { chooseLanguage } from './language.ts';
import type { World } from './world.ts';

export interface Settings {
  readonly language: Language;
  /** The site's directory of pages and templates; null = none. */
  readonly overrides: string | null;
}

interface Asked {
  readonly lang?: Language;
  readonly config?: string;
}

export async function loadSettings({ lang }: Asked, { env }: World): Promise<Settings> {
  return { language: chooseLanguage(lang, undefined, env), overrides: null };
}
