/** `tcp-oncall replay DIR`: judges recorded readings, without a host. */
import { readRecording } from '#app/recording.ts';
import { replay } from '#app/replay.ts';
import type { Status } from './failure.ts';
import type { Settings } from './settings.ts';
import { loadVocabulary, type ShowOptions, showReport } from './show-report.ts';
import type { World } from './world.ts';

export async function replayDirectory(
  dir: string,
  options: ShowOptions,
  settings: Settings,
  world: World,
): Promise<Status> {
  const [recording, catalogue, sources, vocabulary] = await Promise.all([
    readRecording(dir),
    world.catalogue(),
    world.sources(),
    loadVocabulary(settings),
  ]);
  return showReport(replay(recording, { catalogue, sources }), vocabulary, options, settings, world);
}
