/** One step of a plan in sentences: what becomes of the key, each file that sets it, and what ours will say. */
import type { Step } from '#domain/plan.ts';
import type { ChangeWords } from './slack/change-words.ts';
import { fill } from './words.ts';

export function stepSentences(
  { key, from, to, files }: Pick<Step, 'key' | 'from' | 'to' | 'files'>,
  { modal }: Pick<ChangeWords, 'modal'>,
): readonly [string, ...string[]] {
  const shown = (value: string) => (value === '' ? '""' : value);
  const said = files.map(({ file, line, value }) => fill(modal.file, { file, line, value }));
  return [
    fill(modal.step, { from: shown(from), to: shown(to) }),
    ...(said.length === 0 ? [modal.noFile] : said),
    fill(modal.keeps, { to: `${key} = ${to}` }),
  ];
}
