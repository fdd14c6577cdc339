/** The Web API: POST /api/<method> with a token, a form or JSON, answered as Slack answers. */
import type { Answer, Args, Method, MethodWorld } from './method.ts';
import { refuse } from './method.ts';
import * as apps from './methods/apps.ts';
import * as chat from './methods/chat.ts';
import * as files from './methods/files.ts';
import * as people from './methods/people.ts';
import * as reactions from './methods/reactions.ts';
import * as streams from './methods/streams.ts';
import * as views from './methods/views.ts';

export const TOKENS = {
  bot: 'xoxb-0000000000-0000000000-localslack',
  app: 'xapp-1-A0TCPAPP-0000000000-localslack',
  signingSecret: '0123456789abcdef0123456789abcdef',
} as const;

const METHODS: Readonly<Record<string, Method>> = {
  'api.test': apps.apiTest,
  'apps.connections.open': apps.openConnection,
  'auth.test': apps.authTest,
  'blocks.validate': apps.blocksValidate,
  'chat.appendStream': streams.appendStream,
  'chat.delete': chat.remove,
  'chat.getPermalink': chat.getPermalink,
  'chat.postEphemeral': chat.postEphemeral,
  'chat.postMessage': chat.postMessage,
  'chat.startStream': streams.startStream,
  'chat.stopStream': streams.stopStream,
  'chat.update': chat.update,
  'conversations.info': people.conversationsInfo,
  'conversations.list': people.conversationsList,
  'conversations.members': people.conversationsMembers,
  'files.completeUploadExternal': files.completeUpload,
  'files.getUploadURLExternal': files.getUploadUrl,
  'files.info': files.filesInfo,
  'reactions.add': reactions.add,
  'reactions.remove': reactions.remove,
  'usergroups.list': people.groups,
  'usergroups.users.list': people.groupMembers,
  'users.info': people.usersInfo,
  'users.list': people.usersList,
  'views.open': views.open,
  'views.publish': views.publish,
  'views.push': views.push,
  'views.update': views.update,
};

export function callMethod(name: string, args: Args, token: string, world: MethodWorld): Answer {
  const method = METHODS[name];
  if (method === undefined) return refuse('unknown_method');
  if (token === '') return refuse('not_authed');
  const wanted = name === 'apps.connections.open' ? TOKENS.app : TOKENS.bot;
  if (token !== wanted)
    return refuse(Object.values<string>(TOKENS).includes(token) ? 'not_allowed_token_type' : 'invalid_auth');
  return method(args, world);
}

/** What a form cannot hold comes as JSON. */
const STRUCTURED = new Set(['attachments', 'blocks', 'files', 'metadata', 'view']);

export function readArgs(body: string, contentType: string): Args {
  if (contentType.startsWith('application/json')) return JSON.parse(body || '{}') as Args;
  const form = [...new URLSearchParams(body)];
  return Object.fromEntries(form.map(([key, value]) => [key, STRUCTURED.has(key) ? parsed(value) : value]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
