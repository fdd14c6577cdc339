/** What an app posts to a response_url: a message for the person, or a change of the one whose button was pressed. */

import type { Args } from './method.ts';
import { readContent } from './methods/chat.ts';
import type { ShortLived } from './short-lived.ts';
import { BOT, type Workspace } from './workspace.ts';

export interface Responded {
  readonly status: number;
  readonly body: string;
}

export function respond(id: string, args: Args, shortLived: ShortLived, workspace: Workspace): Responded {
  const target = shortLived.useResponse(id);
  if (typeof target === 'string') return { status: 404, body: target };
  const { channel, user, message } = target;
  if (args['delete_original'] === true || args['delete_original'] === 'true') {
    if (message !== null) workspace.remove(channel, message);
    return { status: 200, body: 'ok' };
  }
  const content = readContent(args);
  if ('ok' in content) return { status: 400, body: content.error ?? 'invalid_payload' };
  const original = message === null ? undefined : workspace.message(channel, message);
  if (args['replace_original'] === true && original !== undefined) {
    workspace.replace({ ...original, ...content, edited: original.onlyFor === null });
    return { status: 200, body: 'ok' };
  }
  const thread = typeof args['thread_ts'] === 'string' ? args['thread_ts'] : target.thread;
  const onlyFor = args['response_type'] === 'in_channel' ? null : user;
  workspace.post({ channel, thread, user: BOT.user, onlyFor, ...content });
  return { status: 200, body: 'ok' };
}
