/** `tcp-oncall replay DIR`: judges recorded readings, without a host. */
import { judgeSamples } from '#app/judge-samples.ts';
import { offersFrom } from '#app/offer-fixes.ts';
import { readRecording } from '#app/recording.ts';
import { loadFixes } from '#catalogue.ts';
import type { Call } from './define.ts';
import type { Status } from './failure.ts';
import { loadVocabulary, type ShowOptions, showReport } from './show-report.ts';

export async function replayDirectory({ given: [dir = ''], options, session }: Call<ShowOptions>): Promise<Status> {
  const [recording, catalogue, fixes, sources, vocabulary] = await Promise.all([
    readRecording(dir),
    session.catalogue(),
    loadFixes(),
    session.sources(),
    loadVocabulary(session),
  ]);
  const { samples, meta } = recording;
  const { host, interval } = meta;
  const about = { host, hostKey: null, startedAt: new Date(meta.startedAt), interval, interruption: null };
  const report = judgeSamples(samples, about, { catalogue, sources });
  const offers = offersFrom(report, samples, fixes, { sources });
  return showReport(report, vocabulary, offers, options, session);
}
