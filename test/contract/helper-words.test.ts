/** What the change helper may say: its own list is whole, the reader of its answers knows each word, and people are told each reason in words. */
import { describe, expect, it } from 'vitest';
import { loadChangeWords } from '#catalogue.ts';
import { LANGUAGES } from '#domain/language.ts';
import { changeHelper } from '#kinds/sysctl/helper.ts';
import { readHelperAnswer } from '#kinds/sysctl/helper-answer.ts';
import { failureSentence, knownFailure } from '#render/slack/change-failure.ts';

const SCRIPT = changeHelper();
const WORD = 'w';
/** Said to people who run the helper by hand, or what the values that were read back say already. */
const NOT_READ = ['change', 'version', 'approvers', 'restored'];
const KEY = 'net.ipv4.tcp_tw_reuse';

function listed(name: string): readonly string[] {
  return [...SCRIPT.matchAll(new RegExp(`^# ${name} (.*)$`, 'gm'))]
    .flatMap(([, words = '']) => words.split(' '))
    .sort();
}

/** What the script says, wherever it says it. */
function said(...patterns: readonly RegExp[]): readonly string[] {
  const words = patterns.flatMap((pattern) => [...SCRIPT.matchAll(pattern)].map(([, word = '']) => word));
  return [...new Set(words)].sort();
}

describe('the list in the script', () => {
  it('has every word that a line begins with', () => {
    expect(said(/\bsay ["']([a-z-]+)/g, /^(undo-failed|failed)\(\)/gm)).toEqual(listed('LINES'));
  });

  it('has every reason to refuse or to fail', () => {
    const reasons = said(
      /\b(?:refuse|fail) ["']([a-z-]+)/g,
      /\b(?:why_not|reason)=["']?([a-z-]+)/g,
      /\bfail\("([a-z-]+)/g,
      /\b(?:say|echo) ["']refused ([a-z-]+)/g,
      /\bsaid = "([a-z-]+)/g,
      /\brefused = "([a-z-]+)/g,
    );
    expect(reasons).toEqual(listed('REASONS'));
  });

  it('has every state that an answer names', () => {
    const states = said(/\bsay ["']state ([a-z-]+)/g, /\bbecome ([a-z-]+)/g, /\bstate=(none)/g);
    expect(states).toEqual(listed('STATES'));
  });
});

describe('the reader', () => {
  const read = (...lines: readonly string[]) =>
    readHelperAnswer(lines.map((line) => `${WORD} ${line}\n`).join(''), WORD);

  it.each(listed('LINES').filter((word) => !NOT_READ.includes(word)))('knows "%s"', (word) => {
    const line = word === 'journal' ? 'journal 1796029453 kept' : `${word} ${KEY} 1`;
    expect(read('state kept', line)).not.toEqual(read('state kept'));
  });

  it.each(listed('STATES'))('knows the state %s', (state) => {
    expect(read(`state ${state} 17`)).toMatchObject({ state, detail: '17' });
  });

  it('passes over what nobody needs', () => {
    for (const word of NOT_READ) expect(read('state kept', `${word} ${KEY} 1`)).toEqual(read('state kept'));
    expect(listed('LINES')).toEqual(expect.arrayContaining(NOT_READ));
  });
});

it.each(LANGUAGES)('people are told in %s which change to revert first, and why', async (language) => {
  const change = await loadChangeWords(language, null);
  const failure = { code: 'needed', detail: 'ab12 net.ipv4.ip_local_reserved_ports leaves-ports 5500 17' };
  const sentence = failureSentence({ host: 'web-01', kind: 'sysctl', gates: [] }, failure, {
    change,
    kinds: new Map(),
  });
  for (const said of ['ab12', 'net.ipv4.ip_local_reserved_ports', '5500', '17']) expect(sentence).toContain(said);
});

it.each(listed('REASONS'))('people are told in words that the helper said %s', (reason) => {
  expect(knownFailure(reason)).toBeDefined();
});
