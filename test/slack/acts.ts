/** What a person does becomes what Slack shows and what it sends the app. */
import type { Acknowledged } from './acknowledged.ts';
import { readContent } from './methods/chat.ts';
import { submit } from './modal-acts.ts';
import * as payloads from './payloads.ts';
import type { Act, Acted, Block, Channel, Message, Person } from './snapshot.ts';
import { failed, fromAck, type Stage } from './stage.ts';
import { elementsOf } from './validate-blocks.ts';
import { BOT, directChannel, type OpenView } from './workspace.ts';

type Place = Extract<Act, { kind: 'press' }>['at'];

const NOTHING: Acted = { ok: true, ackMs: null, error: null };

/** Resolves when the app has acknowledged, or three seconds have passed. */
export async function perform(user: string, act: Act, stage: Stage): Promise<Acted> {
  const person = stage.workspace.people.find(({ id }) => id === user);
  if (person === undefined) return failed('user_not_found');
  switch (act.kind) {
    case 'type':
      return type(person, act, stage);
    case 'press':
      return press(person, act, stage);
    case 'options':
      return options(person, act, stage);
    case 'shortcut':
      return shortcut(person, act, stage);
    case 'submit':
      return submit(person, act.values, stage);
    case 'close-modal':
      return closeModal(person, stage);
    case 'open-home':
      return fromEvent(
        await stage.deliver(
          'events_api',
          payloads.event(person, {
            type: 'app_home_opened',
            channel: directChannel(person).id,
            tab: 'home',
            event_ts: stage.workspace.newTs(),
          }),
        ),
      );
  }
}

/** The person sees nothing of an event, whether it was taken or not. */
function fromEvent(ack: Acknowledged): Acted {
  return { ...NOTHING, ackMs: ack.kind === 'acknowledged' ? ack.ms : null };
}

async function type(
  person: Person,
  { channel: name, thread, text }: Extract<Act, { kind: 'type' }>,
  stage: Stage,
): Promise<Acted> {
  const { workspace } = stage;
  const channel = workspace.channels.find(({ id }) => id === name);
  if (channel === undefined || !channel.members.includes(person.id)) return failed('channel_not_found');
  const command = workspace
    .snapshot()
    .commands.find((each) => text === each.command || text.startsWith(`${each.command} `));
  if (command !== undefined) {
    if (thread !== undefined) return failed('slash_commands_do_not_work_in_threads');
    return slash(person, channel, command.command, text.slice(command.command.length).trim(), stage);
  }
  const written = text.replaceAll(new RegExp(`@${BOT.name}\\b`, 'g'), `<@${BOT.user}>`);
  const content = readContent({ text: written });
  if ('ok' in content) return failed(content.error ?? 'no_text');
  const posted = workspace.post({ channel: channel.id, thread: thread ?? null, user: person.id, ...content });
  if (!content.pings.includes(BOT.user) || !channel.members.includes(BOT.user)) return NOTHING;
  const place = { channel: channel.id, channel_type: 'channel', ...(thread !== undefined && { thread_ts: thread }) };
  return fromEvent(
    await stage.deliver(
      'events_api',
      payloads.event(person, { type: 'app_mention', text: written, ts: posted.ts, event_ts: posted.ts, ...place }),
    ),
  );
}

async function slash(person: Person, channel: Channel, command: string, text: string, stage: Stage): Promise<Acted> {
  const spoken = speak(person, channel, null, null, stage);
  const ack = await stage.deliver('slash_commands', payloads.slashCommand(spoken, command, text));
  if (ack.kind === 'acknowledged') answerCommand(person, channel, ack.answer, stage);
  return fromAck(ack);
}

/** An acknowledgement may say something, to the person alone unless it says otherwise. */
function answerCommand(person: Person, channel: Channel, answer: unknown, { workspace }: Stage): void {
  if (typeof answer !== 'object' || answer === null || !('text' in answer || 'blocks' in answer)) return;
  const content = readContent(answer as payloads.Payload);
  if ('ok' in content) return;
  const onlyFor = 'response_type' in answer && answer.response_type === 'in_channel' ? null : person.id;
  workspace.post({ channel: channel.id, user: BOT.user, onlyFor, ...content });
}

function speak(
  person: Person,
  channel: Channel,
  thread: string | null,
  message: string | null,
  { shortLived, base }: Stage,
): payloads.Spoken {
  const response = shortLived.newResponse({ user: person.id, channel: channel.id, thread, message });
  return { person, channel, trigger: shortLived.newTrigger(person.id), responseUrl: `${base()}/response/${response}` };
}

interface Found {
  readonly container: payloads.Container;
  readonly blocks: readonly Block[];
}

function find(person: Person, at: Place, stage: Stage): Found | undefined {
  const { workspace } = stage;
  if (at === 'home') {
    const blocks = workspace.snapshot().homes[person.id]?.blocks;
    if (blocks === undefined) return undefined;
    const view: OpenView = { id: `V0HOME${person.id}`, hash: 'home', view: { type: 'home', blocks }, errors: {} };
    return { container: { kind: 'view', view }, blocks };
  }
  if (at === 'modal') {
    const view = workspace.modals.get(person.id)?.at(-1);
    return view && { container: { kind: 'view', view }, blocks: view.view.blocks };
  }
  const message = workspace.message(at.channel, at.message);
  const channel = workspace.channels.find(({ id }) => id === at.channel);
  if (message === undefined || channel === undefined || !sees(person, message, channel)) return undefined;
  const { responseUrl } = speak(person, channel, message.thread, message.ts, stage);
  return { container: { kind: 'message', message, channel, responseUrl }, blocks: message.blocks };
}

function sees(person: Person, message: Message, channel: Channel): boolean {
  return channel.members.includes(person.id) && (message.onlyFor === null || message.onlyFor === person.id);
}

async function press(
  person: Person,
  { at, blockId, actionId, value }: Extract<Act, { kind: 'press' }>,
  stage: Stage,
): Promise<Acted> {
  const found = find(person, at, stage);
  const block = found?.blocks.find(
    (each) =>
      (blockId === undefined || each['block_id'] === blockId) &&
      elementsOf(each).some((element) => element['action_id'] === actionId),
  );
  const element = block && elementsOf(block).find((each) => each['action_id'] === actionId);
  if (found === undefined || block === undefined || element === undefined) return failed('nothing_to_press');
  const trigger = stage.shortLived.newTrigger(person.id);
  return fromAck(
    await stage.deliver(
      'interactive',
      payloads.blockAction(person, trigger, found.container, String(block['block_id']), element, value),
    ),
  );
}

async function options(
  person: Person,
  { at, blockId, actionId, typed }: Extract<Act, { kind: 'options' }>,
  stage: Stage,
): Promise<Acted> {
  const found = find(person, at, stage);
  if (found === undefined) return failed('nothing_to_choose');
  const ack = await stage.deliver(
    'interactive',
    payloads.blockSuggestion(person, found.container, blockId, actionId, typed),
  );
  const answer =
    ack.kind === 'acknowledged'
      ? (ack.answer as { options?: { text: { text: string }; value: string }[] } | undefined)
      : undefined;
  return {
    ...fromAck(ack),
    options: (answer?.options ?? []).slice(0, 100).map(({ text, value }) => ({ text: text.text, value })),
  };
}

async function shortcut(
  person: Person,
  { callbackId, message: at }: Extract<Act, { kind: 'shortcut' }>,
  stage: Stage,
): Promise<Acted> {
  if (at === undefined) {
    const trigger = stage.shortLived.newTrigger(person.id);
    return fromAck(await stage.deliver('interactive', payloads.globalShortcut(person, trigger, callbackId)));
  }
  const message = stage.workspace.message(at.channel, at.ts);
  const channel = stage.workspace.channels.find(({ id }) => id === at.channel);
  if (message === undefined || channel === undefined) return failed('message_not_found');
  const spoken = speak(person, channel, message.thread, message.ts, stage);
  return fromAck(await stage.deliver('interactive', payloads.messageShortcut(spoken, callbackId, message)));
}

async function closeModal(person: Person, { workspace, deliver }: Stage): Promise<Acted> {
  const top = workspace.modals.get(person.id)?.at(-1);
  if (top === undefined) return failed('no_modal');
  workspace.modals.set(person.id, workspace.modals.get(person.id)?.slice(0, -1) ?? []);
  workspace.changed();
  const { notify_on_close: notify } = top.view as { notify_on_close?: boolean };
  return notify === true ? fromAck(await deliver('interactive', payloads.viewClosed(person, top))) : NOTHING;
}
