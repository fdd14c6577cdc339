/** Judges recorded readings offline: the same parsers and rules as a check, without a host. */
import type { Report } from '#domain/report.ts';
import { judgeSamples, type Knowledge } from './judge-samples.ts';
import type { Recording } from './recording.ts';

export function replay({ samples, meta }: Recording, knowledge: Knowledge): Report {
  const { host, startedAt, interval } = meta;
  const about = { host, hostKey: null, startedAt: new Date(startedAt), interval, interruption: null };
  return judgeSamples(samples, about, knowledge);
}
