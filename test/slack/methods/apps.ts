/** What an app asks about itself: who it is, where to connect, whether its blocks would be taken. */
import { type Method, refuse } from '../method.ts';
import { validateBlocks } from '../validate-blocks.ts';
import { BOT, TEAM } from '../workspace.ts';

export const authTest: Method = (_, { base }) => ({
  ok: true,
  url: `${base()}/`,
  team: 'Lab',
  team_id: TEAM,
  user: BOT.name,
  user_id: BOT.user,
  bot_id: BOT.bot,
  app_id: BOT.app,
  is_enterprise_install: false,
});

export const apiTest: Method = (args) => ({ ok: true, args });

export const openConnection: Method = (_, { openSocket }) => {
  const url = openSocket();
  return url === undefined ? refuse('too_many_websockets') : { ok: true, url };
};

export const blocksValidate: Method = (args) => {
  const validated = validateBlocks(args['blocks'], 'message');
  return validated.kind === 'invalid' ? refuse(validated.error, validated.messages) : { ok: true };
};
