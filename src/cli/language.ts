/** Which language to answer in. */
import type { Language } from '#domain/language.ts';

/** `asked` (--lang) before `configured` before the locale of the environment; English otherwise. */
export function chooseLanguage(
  asked: Language | undefined,
  configured: Language | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return asked ?? configured ?? (/^ja(?:[_.@-]|$)/.test(locale) ? 'ja' : 'en');
}
