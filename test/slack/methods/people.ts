/** users.*, usergroups.*, conversations.*: who and where. */
import { type Answer, type Method, refuse, text, writableChannel } from '../method.ts';
import type { Channel, Person } from '../snapshot.ts';
import { BOT, OTHER_TEAM, TEAM } from '../workspace.ts';

const GROUPS: Readonly<Record<string, readonly string[]>> = { S0ONCALL: ['U0ALICE', 'U0BOB'] };

export const usersInfo: Method = (args, { workspace }) => {
  const wanted = text(args['user']);
  if (wanted === BOT.user)
    return { ok: true, user: asUser({ id: BOT.user, name: BOT.name, locale: 'en-US', kind: 'bot' }, false) };
  const person = workspace.people.find(({ id }) => id === wanted);
  return person === undefined
    ? refuse('user_not_found')
    : { ok: true, user: asUser(person, isTrue(args['include_locale'])) };
};

export const usersList: Method = (args, { workspace }) => ({
  ok: true,
  members: workspace.people.map((person) => asUser(person, isTrue(args['include_locale']))),
  response_metadata: { next_cursor: '' },
});

function asUser({ id, name, locale, kind }: Person, withLocale: boolean) {
  return {
    id,
    name,
    real_name: name,
    team_id: kind === 'other-organisation' ? OTHER_TEAM : TEAM,
    deleted: kind === 'deactivated',
    is_bot: kind === 'bot',
    is_restricted: kind === 'guest',
    is_ultra_restricted: false,
    is_stranger: kind === 'other-organisation',
    is_app_user: false,
    tz: 'Asia/Tokyo',
    profile: { display_name: name, real_name: name },
    ...(withLocale && { locale }),
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1';
}

export const groupMembers: Method = (args) => {
  const users = GROUPS[text(args['usergroup'])];
  return users === undefined ? refuse('no_such_subteam') : { ok: true, users };
};

export const groups: Method = () => ({
  ok: true,
  usergroups: Object.entries(GROUPS).map(([id, users]) => ({ id, handle: 'oncall', name: 'On call', users })),
});

export const conversationsInfo: Method = (args, world) => {
  const channel = writableChannel(args['channel'], world);
  return typeof channel === 'string' ? refuse(channel) : { ok: true, channel: asConversation(channel) };
};

export const conversationsList: Method = (_, { workspace }) => ({
  ok: true,
  channels: workspace.channels
    .filter((channel) => !channel.isPrivate || channel.members.includes(BOT.user))
    .map(asConversation),
  response_metadata: { next_cursor: '' },
});

export const conversationsMembers: Method = (args, world) => {
  const channel = writableChannel(args['channel'], world);
  return typeof channel === 'string'
    ? refuse(channel)
    : { ok: true, members: channel.members, response_metadata: { next_cursor: '' } };
};

function asConversation({ id, name, isPrivate, members, topic }: Channel): Answer | object {
  return {
    id,
    name,
    is_channel: true,
    is_private: isPrivate,
    is_member: members.includes(BOT.user),
    topic: { value: topic },
  };
}
