/** The README's table of diagnoses is the generated one: `tcp-oncall explain --markdown` prints it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadDiagnoses, loadWordings } from '#catalogue.ts';
import { catalogueTable } from '#render/catalogue-table.ts';

const START = '<!-- diagnoses -->';
const END = '<!-- /diagnoses -->';

it('lists every diagnosis in the README as the catalogue does', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, rest = ''] = readme.split(START);
  const [table = ''] = rest.split(END);
  const [diagnoses, wordings] = await Promise.all([loadDiagnoses(), loadWordings('en', null)]);
  expect(table.trim()).toBe(catalogueTable(diagnoses, wordings, 'en').trim());
});
