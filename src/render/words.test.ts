import { describe, expect, it } from 'vitest';
import { loadWords } from '#catalogue.ts';
import { LANGUAGES } from '#domain/language.ts';
import { FAILURES } from '#domain/report.ts';
import { fill, parseWords, wordFailure } from './words.ts';

const DETAILS = {
  host: 'web-01',
  address: '10.0.0.11',
  port: 22,
  user: 'oncall',
  seconds: 50,
  kilobytes: 1024,
  why: 'no route to host',
  hop: 'bastion',
  leftRunning: '',
  fingerprint: 'SHA256:abc',
  wanted: 'SHA256:def',
  knownAt: '/root/.ssh/known_hosts:3',
  said: 'This account is currently not available.',
  status: 'exit status 1',
};

describe.each(LANGUAGES)('words in %s', (language) => {
  it.each(FAILURES)('say what happened and what to do: %s', async (kind) => {
    const { message, next } = wordFailure(await loadWords(language, null), { kind, details: DETAILS });
    for (const sentence of [message, next]) expect(sentence).not.toMatch(/[{}]|undefined|\.\.$|。。/);
    expect(message).toMatch(/[.。]$/);
  });

  it('have a sentence for each reason', async () => {
    const { reasons } = await loadWords(language, null);
    for (const { sentence } of Object.values(reasons))
      expect(fill(sentence, { what: '/proc/x' })).not.toMatch(/[{}]|undefined/);
  });
});

describe('fill', () => {
  it('neutralises what a host said', () => expect(fill('said {{said}}', { said: '\u001b[2J' })).toBe('said \\x1b[2J'));
  it('takes braces in what a host said for text', () =>
    expect(fill('{{said}}', { said: '{{host}} {{{x}}} {{#if' })).toBe('{{host}} {{{x}}} {{#if'));
  it.each(['{{constructor.name}}', '{{__proto__}}', '{{lookup this "constructor"}}', '{{eval "1"}}'])(
    'gives a template no way to code: %s',
    (template) => {
      let said = '';
      try {
        said = fill(template, { host: 'web-01' });
      } catch {}
      expect(said).toBe('');
    },
  );
  it('keeps the blank before what follows the sentence, and no other', () =>
    expect(fill('{{#if a}}x{{/if}} asked by ', { a: '' })).toBe('asked by '));
  it('refuses a name that is not given', () => expect(() => fill('{{nobody}}', {})).toThrow('nobody'));
});

describe('parseWords', () => {
  it('names the file and what is missing', () => {
    expect(() => parseWords('units: {}', '/site/templates/words.en.yaml')).toThrow(
      /\/site\/templates\/words\.en\.yaml: .*severity/s,
    );
  });
});
