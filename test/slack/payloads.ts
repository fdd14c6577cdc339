/** What Slack sends an app when a person does something. https://docs.slack.dev/reference/interaction-payloads */
import { asSlackMessage } from './methods/chat.ts';
import { asSlackView } from './methods/views.ts';
import type { Block, Channel, Message, Person } from './snapshot.ts';
import { BOT, type OpenView, OTHER_TEAM, TEAM } from './workspace.ts';

export type Payload = Readonly<Record<string, unknown>>;

const VERIFICATION = 'a-token-nobody-should-check';

function who({ id, name, kind }: Person) {
  return { id, username: name, name, team_id: kind === 'other-organisation' ? OTHER_TEAM : TEAM };
}

function interaction(person: Person, trigger: string): Payload {
  return {
    api_app_id: BOT.app,
    token: VERIFICATION,
    trigger_id: trigger,
    team: { id: TEAM, domain: 'lab' },
    enterprise: null,
    is_enterprise_install: false,
    user: who(person),
  };
}

export interface Spoken {
  readonly person: Person;
  readonly channel: Channel;
  readonly trigger: string;
  readonly responseUrl: string;
}

export function slashCommand(
  { person, channel, trigger, responseUrl }: Spoken,
  command: string,
  text: string,
): Payload {
  const { team_id, id, username } = who(person);
  return {
    token: VERIFICATION,
    team_id,
    team_domain: 'lab',
    channel_id: channel.id,
    channel_name: channel.isPrivate ? 'privategroup' : channel.name,
    user_id: id,
    user_name: username,
    command,
    text,
    api_app_id: BOT.app,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: trigger,
  };
}

/** Where an element is that was pressed or asked for options. */
export type Container =
  | { readonly kind: 'message'; readonly message: Message; readonly channel: Channel; readonly responseUrl: string }
  | { readonly kind: 'view'; readonly view: OpenView };

function containerOf(container: Container): Payload {
  if (container.kind === 'view') {
    const { view } = container;
    return { container: { type: 'view', view_id: view.id }, view: asSlackView(view) };
  }
  const { message, channel, responseUrl } = container;
  const place = { message_ts: message.ts, channel_id: channel.id, is_ephemeral: message.onlyFor !== null };
  return {
    container: { type: 'message', ...place, ...(message.thread !== null && { thread_ts: message.thread }) },
    channel: { id: channel.id, name: channel.name },
    // Of a message that only one person sees, Slack sends no more than where it is.
    ...(message.onlyFor === null && { message: asSlackMessage(message) }),
    state: { values: {} },
    response_url: responseUrl,
  };
}

export function blockAction(
  person: Person,
  trigger: string,
  container: Container,
  blockId: string,
  element: Block,
  value: string | undefined,
): Payload {
  const action = {
    action_id: element['action_id'],
    block_id: blockId,
    type: element.type,
    action_ts: String(Date.now() / 1000),
  };
  return {
    type: 'block_actions',
    ...interaction(person, trigger),
    ...containerOf(container),
    actions: [{ ...action, ...chosen(element, value) }],
  };
}

/** A button says its own value, a select what was chosen. */
function chosen(element: Block, value: string | undefined): Payload {
  if (element.type === 'button')
    return { text: element['text'], ...(element['value'] !== undefined && { value: element['value'] }) };
  return stateValue(element, value);
}

/** As `state.values` says what was chosen or typed. */
export function stateValue(element: Block, value: string | undefined): Payload {
  switch (element.type) {
    case 'plain_text_input':
      return { type: element.type, value: value === undefined || value === '' ? null : value };
    case 'conversations_select':
      return { type: element.type, selected_conversation: value ?? null };
    case 'users_select':
      return { type: element.type, selected_user: value ?? null };
    default: {
      const label = labelOf(element, value) ?? value;
      const option = value === undefined ? null : { text: { type: 'plain_text', text: label, emoji: true }, value };
      return { type: element.type, selected_option: option };
    }
  }
}

function labelOf(element: Block, value: string | undefined): unknown {
  const options = [
    ...((element['options'] as Block[] | undefined) ?? []),
    element['initial_option'] as Block | undefined,
  ];
  const found = options.find((option) => option?.['value'] === value);
  return (found?.['text'] as { text?: string } | undefined)?.text;
}

export function blockSuggestion(
  person: Person,
  container: Container,
  blockId: string,
  actionId: string,
  typed: string,
): Payload {
  const { trigger_id: _, ...rest } = interaction(person, '');
  return {
    type: 'block_suggestion',
    ...rest,
    ...containerOf(container),
    value: typed,
    action_id: actionId,
    block_id: blockId,
  };
}

export function viewSubmission(person: Person, trigger: string, view: OpenView, values: unknown): Payload {
  return {
    type: 'view_submission',
    ...interaction(person, trigger),
    view: asSlackView(view, values),
    response_urls: [],
  };
}

export function viewClosed(person: Person, view: OpenView): Payload {
  const { trigger_id: _, ...rest } = interaction(person, '');
  return { type: 'view_closed', ...rest, view: asSlackView(view), is_cleared: false };
}

export function globalShortcut(person: Person, trigger: string, callbackId: string): Payload {
  return {
    type: 'shortcut',
    ...interaction(person, trigger),
    callback_id: callbackId,
    action_ts: String(Date.now() / 1000),
  };
}

export function messageShortcut(spoken: Spoken, callbackId: string, message: Message): Payload {
  const { person, channel, trigger, responseUrl } = spoken;
  return {
    type: 'message_action',
    ...interaction(person, trigger),
    callback_id: callbackId,
    action_ts: String(Date.now() / 1000),
    message_ts: message.ts,
    channel: { id: channel.id, name: channel.name },
    message: asSlackMessage(message),
    response_url: responseUrl,
  };
}

let events = 0;

export function event(person: Person, inner: Payload): Payload {
  const { id, team_id } = who(person);
  return {
    token: VERIFICATION,
    team_id: TEAM,
    api_app_id: BOT.app,
    type: 'event_callback',
    event_id: `Ev${Date.now().toString(36).toUpperCase()}${(++events).toString(36).toUpperCase()}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: TEAM, user_id: BOT.user, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event: { user: id, team: team_id, user_team: team_id, ...inner },
  };
}
