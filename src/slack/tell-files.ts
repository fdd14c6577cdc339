/** Files that were kept with a change, in its thread: each once, as a file, with what it is. */
import type { KeptFile } from '#app/change-ports.ts';
import type { CardPlace } from '#domain/card.ts';
import type { Change } from '#domain/change.ts';
import { cardOf } from '#render/kind-card.ts';
import { keptFileMessage, missedFileMessage } from '#render/slack/kept-file.ts';
import type { SlackMessage, SlackVoice } from '#render/slack/message.ts';
import { fill } from '#render/words.ts';
import type { Telling } from './present-card.ts';
import type { Desk } from './tools.ts';

type Tools = Pick<Desk, 'changes' | 'client' | 'log'>;

/** Those whose kind has a title for them. */
export function fileTellings(
  change: Change,
  files: readonly KeptFile[],
  voice: SlackVoice,
  tools: Tools,
): readonly Telling[] {
  const titles = cardOf(change, voice.kinds).words.files;
  return files.flatMap((file) => {
    const title = titles[file.name];
    if (title === undefined) return [];
    const titled = fill(title, { host: change.host, id: change.id });
    const say = (place: CardPlace) => sayFile(change, file, titled, place, voice, tools);
    return [{ key: `file ${file.name} ${file.at.getTime()}`, say }];
  });
}

async function sayFile(
  change: Change,
  file: KeptFile,
  title: string,
  place: CardPlace,
  voice: SlackVoice,
  tools: Tools,
): Promise<SlackMessage> {
  if (file.kind === 'missed') return missedFileMessage(title, file.why, voice);
  const content = await tools.changes.store.changes.fileOf(change.id, file.name);
  if (content === undefined) return missedFileMessage(title, 'gone', voice);
  const isThere = await upload(change, file, title, content, place, tools);
  return isThere
    ? keptFileMessage(change, { title, content }, voice)
    : missedFileMessage(title, 'not-in-channel', voice);
}

/** False when Slack takes no file there, as in a channel that we are no member of. */
function upload(
  { id, host }: Change,
  { name }: KeptFile,
  title: string,
  content: Buffer,
  { channel, thread }: CardPlace,
  { client, log }: Tools,
): Promise<boolean> {
  const file = { file: content, filename: `${host}-${id}-${name}.txt`, title };
  const place = thread === null ? { channel_id: channel } : { channel_id: channel, thread_ts: thread };
  return client.filesUploadV2({ ...place, ...file }).then(
    () => true,
    (error: unknown) => {
      log.warn({ err: error, change: id, file: name }, 'a kept file could not be put into the thread');
      return false;
    },
  );
}
