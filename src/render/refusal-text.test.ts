import { describe, expect, it } from 'vitest';
import { loadChangeWords } from '#catalogue.ts';
import { LANGUAGES } from '#domain/language.ts';
import { BOUNDS } from '#domain/out-of-bounds.ts';
import { boundText } from './refusal-text.ts';

describe.each(LANGUAGES)('a bound, in %s', (language) => {
  it.each(BOUNDS)('%s is one sentence with its key', async (bound) => {
    const words = await loadChangeWords(language, null);
    expect(boundText(`net.core.somaxconn ${bound} 4096 128`, words)).toMatch(/^[^{}]*net\.core\.somaxconn[^{}]*[.。]$/);
  });

  it('that an older helper did not name is left to other words', async () => {
    const words = await loadChangeWords(language, null);
    expect(boundText('net.core.somaxconn may only be raised', words)).toBeUndefined();
  });
});
