import { describe, expect, it } from 'vitest';
import { chooseLanguage } from './language.ts';

describe('chooseLanguage', () => {
  it('takes what was asked, then what is configured, then the locale', () => {
    expect(chooseLanguage('en', 'ja', { LANG: 'ja_JP.UTF-8' })).toBe('en');
    expect(chooseLanguage(undefined, 'ja', { LANG: 'C' })).toBe('ja');
    expect(chooseLanguage(undefined, undefined, { LANG: 'ja_JP.UTF-8' })).toBe('ja');
  });

  it('reads the locale as programs do: LC_ALL over LC_MESSAGES over LANG, empty as unset', () => {
    expect(chooseLanguage(undefined, undefined, { LC_ALL: 'C', LANG: 'ja_JP.UTF-8' })).toBe('en');
    expect(chooseLanguage(undefined, undefined, { LC_ALL: '', LC_MESSAGES: 'ja', LANG: 'en_US' })).toBe('ja');
    expect(chooseLanguage(undefined, undefined, { LANG: 'jam_JM' })).toBe('en');
    expect(chooseLanguage(undefined, undefined, {})).toBe('en');
  });
});
