/** reactions.*: marks people and bots put on a message. */
import { type Method, refuse, text } from '../method.ts';
import { BOT } from '../workspace.ts';

export const add: Method = (args, { workspace }) => {
  const message = workspace.message(text(args['channel']), text(args['timestamp']));
  const name = text(args['name']);
  if (message === undefined) return refuse('message_not_found');
  if (!/^[a-z0-9_+-]+$/.test(name)) return refuse('invalid_name');
  if (message.reactions.some((reaction) => reaction.name === name && reaction.users.includes(BOT.user)))
    return refuse('already_reacted');
  workspace.replace({ ...message, reactions: [...message.reactions, { name, users: [BOT.user] }] });
  return { ok: true };
};

export const remove: Method = (args, { workspace }) => {
  const message = workspace.message(text(args['channel']), text(args['timestamp']));
  if (message === undefined) return refuse('message_not_found');
  const left = message.reactions.filter(
    (reaction) => reaction.name !== args['name'] || !reaction.users.includes(BOT.user),
  );
  if (left.length === message.reactions.length) return refuse('no_reaction');
  workspace.replace({ ...message, reactions: left });
  return { ok: true };
};
