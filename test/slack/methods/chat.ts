/** chat.*: posting, changing and removing messages, with Slack's refusals. */
import { type Answer, type Args, type Method, type MethodWorld, refuse, text, writableChannel } from '../method.ts';
import { pingsOf } from '../pings.ts';
import type { Block, Channel, Message } from '../snapshot.ts';
import { validateBlocks } from '../validate-blocks.ts';
import { BOT } from '../workspace.ts';

const LONGEST_TEXT = 40_000;

interface Content {
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly pings: readonly string[];
}

/** What a message says, or why Slack would not take it. */
export function readContent(args: Args): Content | Answer {
  const said = text(args['text']);
  if (said.length > LONGEST_TEXT) return refuse('msg_too_long');
  if (args['blocks'] === undefined)
    return said === '' ? refuse('no_text') : { text: said, blocks: [], pings: pingsOf(said, []) };
  const validated = validateBlocks(args['blocks'], 'message');
  if (validated.kind === 'invalid') return refuse(validated.error, validated.messages);
  if (validated.blocks.length === 0 && said === '') return refuse('no_text');
  return { text: said, blocks: validated.blocks, pings: pingsOf(said, validated.blocks) };
}

function target(
  args: Args,
  world: MethodWorld,
): { readonly channel: Channel; readonly thread: string | null } | Answer {
  const channel = writableChannel(args['channel'], world);
  if (typeof channel === 'string') return refuse(channel);
  const thread = text(args['thread_ts']) || null;
  if (thread !== null && world.workspace.message(channel.id, thread) === undefined) return refuse('thread_not_found');
  return { channel, thread };
}

export const postMessage: Method = (args, world) => {
  const place = target(args, world);
  if ('ok' in place) return place;
  const content = readContent(args);
  if ('ok' in content) return content;
  const posted = world.workspace.post({
    channel: place.channel.id,
    thread: place.thread,
    broadcast: place.thread !== null && String(args['reply_broadcast']) === 'true',
    user: BOT.user,
    ...content,
  });
  return { ok: true, channel: posted.channel, ts: posted.ts, message: asSlackMessage(posted) };
};

export const postEphemeral: Method = (args, world) => {
  const place = target(args, world);
  if ('ok' in place) return place;
  const user = text(args['user']);
  if (!place.channel.members.includes(BOT.user)) return refuse('not_in_channel');
  if (!place.channel.members.includes(user)) return refuse('user_not_in_channel');
  const content = readContent(args);
  if ('ok' in content) return content;
  const posted = world.workspace.post({
    channel: place.channel.id,
    thread: place.thread,
    user: BOT.user,
    onlyFor: user,
    ...content,
  });
  return { ok: true, message_ts: posted.ts };
};

export const update: Method = (args, world) => {
  const channel = writableChannel(args['channel'], world);
  if (typeof channel === 'string') return refuse(channel);
  const message = world.workspace.message(channel.id, text(args['ts']));
  // Messages that one person sees cannot be found by it.
  if (message === undefined || message.onlyFor !== null) return refuse('message_not_found');
  if (message.user !== BOT.user) return refuse('cant_update_message');
  const content = readContent(args);
  if ('ok' in content) return content;
  const changed: Message = { ...message, ...content, edited: true };
  world.workspace.replace(changed);
  return { ok: true, channel: channel.id, ts: message.ts, text: content.text, message: asSlackMessage(changed) };
};

export const remove: Method = (args, { workspace }) => {
  const [channel, ts] = [text(args['channel']), text(args['ts'])];
  const message = workspace.message(channel, ts);
  if (message === undefined || message.onlyFor !== null) return refuse('message_not_found');
  if (message.user !== BOT.user) return refuse('cant_delete_message');
  workspace.remove(channel, ts);
  return { ok: true, channel, ts };
};

export const getPermalink: Method = (args, { workspace, base }) => {
  const [channel, ts] = [text(args['channel']), text(args['message_ts'])];
  if (workspace.message(channel, ts) === undefined) return refuse('message_not_found');
  return { ok: true, channel, permalink: `${base()}/archives/${channel}/p${ts.replace('.', '')}` };
};

/** As payloads and answers carry a message. */
export function asSlackMessage({ ts, thread, user, text: said, blocks, edited }: Message) {
  const author = user === BOT.user ? { bot_id: BOT.bot, app_id: BOT.app } : {};
  const place = thread === null ? {} : { thread_ts: thread };
  return {
    type: 'message',
    user,
    ts,
    text: said,
    blocks,
    ...author,
    ...place,
    ...(edited && { edited: { user, ts } }),
  };
}
