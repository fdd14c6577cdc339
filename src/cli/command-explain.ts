/** `tcp-oncall explain [id]`: a runbook page, or the table of all diagnoses. */
import { loadDiagnoses, loadTopic, loadWordings, pageIds } from '#catalogue.ts';
import { nearestNames } from '#domain/nearest.ts';
import { catalogueRows, catalogueTable } from '#render/catalogue-table.ts';
import type { CliWords } from '#render/cli-words.ts';
import { renderMarkdown } from '#render/markdown.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';

interface ExplainOptions {
  readonly markdown?: boolean;
}

export async function explain({ given: [id], options, session }: Call<ExplainOptions>): Promise<Status> {
  const { markdown = false } = options;
  session.stdout.write(id === undefined ? await table(markdown, session) : await page(id, markdown, session));
  return STATUS.nothing;
}

async function page(id: string, markdown: boolean, session: Session): Promise<string> {
  const { language, overrides } = session;
  const topic = await loadTopic(id, language, overrides);
  if (topic === undefined) throw new UsageError(unknownDiagnosis(id, await pageIds(), await session.cliWords()));
  const { body } = topic;
  return markdown ? body : renderMarkdown(body, screenOf(session.stdout, session.env));
}

async function table(markdown: boolean, session: Session): Promise<string> {
  const { language, overrides } = session;
  const [diagnoses, wordings] = await Promise.all([loadDiagnoses(), loadWordings(language, overrides)]);
  if (markdown) return catalogueTable(diagnoses, wordings, language);
  const { width } = screenOf(session.stdout, session.env);
  return `${tableLines(catalogueRows(diagnoses, wordings), width).join('\n')}\n`;
}

function unknownDiagnosis(id: string, ids: readonly string[], { errors }: CliWords): string {
  const alike = nearestNames(id, ids);
  const near = alike.length > 0 ? alike : ids.filter((known) => id.length > 2 && known.includes(id));
  return fill(errors['unknown-diagnosis'], { word: id, nearest: near.join(' / ') });
}
