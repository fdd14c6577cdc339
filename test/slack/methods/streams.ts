/** chat.startStream, appendStream, stopStream: a message that grows. https://docs.slack.dev/reference/methods/chat.startStream */
import { type Method, refuse, text } from '../method.ts';
import { BOT } from '../workspace.ts';
import { postMessage, readContent, update } from './chat.ts';

const LONGEST = 12_000;

export const startStream: Method = (args, world) => {
  if (text(args['thread_ts']) === '') return refuse('invalid_arguments', ['[ERROR] missing required field: thread_ts']);
  const { ok, ...rest } = postMessage({ ...args, text: text(args['markdown_text']) || '…' }, world);
  return { ok, ...rest };
};

export const appendStream: Method = (args, world) => {
  const message = world.workspace.message(text(args['channel']), text(args['ts']));
  if (message === undefined || message.user !== BOT.user) return refuse('message_not_found');
  const grown = (message.text === '…' ? '' : message.text) + text(args['markdown_text']);
  if (grown.length > LONGEST) return refuse('msg_too_long');
  world.workspace.replace({ ...message, text: grown });
  return { ok: true, channel: message.channel, ts: message.ts };
};

export const stopStream: Method = (args, world) => {
  const appended = appendStream(args, world);
  if (!appended.ok || args['blocks'] === undefined) return appended;
  const message = world.workspace.message(text(args['channel']), text(args['ts']));
  const content = readContent({ text: message?.text ?? '', blocks: args['blocks'] });
  return 'ok' in content ? content : update({ ...args, text: content.text }, world);
};
