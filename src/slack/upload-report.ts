/** The whole report as a text file in the thread: every number, with nothing left out. */
import type { CardPlace } from '#domain/card.ts';
import type { CheckId } from '#domain/check.ts';
import type { Language } from '#domain/language.ts';
import type { Report } from '#domain/report.ts';
import { fill } from '#render/words.ts';
import type { Desk } from './tools.ts';

export async function uploadReport(
  report: Report,
  run: CheckId,
  { channel, thread }: CardPlace,
  language: Language,
  { client, fullReport, voice }: Pick<Desk, 'client' | 'fullReport' | 'voice'>,
): Promise<void> {
  const title = fill(voice(language).slack.thread.file, { host: report.host, id: run });
  const content = await fullReport(report, language);
  const file = { content, filename: `${report.host}-${run}.txt`, title };
  await client.filesUploadV2(
    thread === null ? { channel_id: channel, ...file } : { channel_id: channel, thread_ts: thread, ...file },
  );
}
