/** The helper that applies changes: whether host-setup has put one on the host, whether this account may run it, and which. */
import type { ChangeHelper } from '#domain/helper-state.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { defineSource } from './fragment.ts';
import { eachKind, type LineReader } from './lines.ts';

interface Draft {
  found?: ChangeHelper;
}

const READERS: Readonly<Record<string, LineReader<Draft>>> = {
  runs(draft, words) {
    const [version = 0, protocol = 0] = words.map((word) => (/^[1-9]\d{0,4}$/.test(word) ? Number(word) : 0));
    draft.found = { kind: 'runs', version, protocol };
    return words.length === 2 && version > 0 && protocol > 0;
  },
  'no-rights'(draft, _, said) {
    draft.found = { kind: 'no-rights', said };
    return true;
  },
};

/** No diagnosis needs it, every plan does. */
export const changeHelper = defineSource({
  name: 'change-helper',
  parse: parseChangeHelper,
});

export function parseChangeHelper(text: string): Reading<ChangeHelper> {
  const draft: Draft = {};
  return eachKind(text, draft, READERS) ?? (draft.found === undefined ? garbled(1, 'no answer') : read(draft.found));
}
