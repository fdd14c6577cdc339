/** The real Bolt and the real WebClient against the local Slack, over Socket Mode. */
import { App, LogLevel } from '@slack/bolt';
import type { ModalView } from '@slack/web-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from './local-slack.ts';

const [ONCALL, ALICE, YUKI] = ['C0ONCALL', 'U0ALICE', 'U0YUKI'];
const SECTION = { type: 'section', text: { type: 'plain_text', text: 'hello' } } as const;
const BUTTON = { type: 'button', action_id: 'go', value: 'opaque', text: { type: 'plain_text', text: 'Go' } } as const;

let slack: LocalSlack;
let app: App;
const heard: unknown[] = [];

beforeAll(async () => {
  slack = await startLocalSlack();
  app = new App({
    token: slack.tokens.bot,
    appToken: slack.tokens.app,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl, timeout: 10_000, retryConfig: { retries: 2, minTimeout: 50 } },
  });
  app.command('/tcp', async ({ ack, respond, command }) => {
    await ack();
    if (command.text === 'private') await respond({ text: 'for you', response_type: 'ephemeral' });
  });
  app.action('go', async ({ ack, body, respond, client }) => {
    await ack();
    heard.push(body);
    await respond({ text: 'replaced', replace_original: true });
    await client.views.open({ trigger_id: 'trigger_id' in body ? body.trigger_id : '', view: MODAL });
  });
  app.view('ask', async ({ ack, view }) => {
    const typed = view.state.values['name']?.['text']?.value ?? '';
    if (typed === 'wrong') await ack({ response_action: 'errors', errors: { name: 'Not that one.' } });
    else await ack();
    heard.push(typed);
  });
  app.options('host', async ({ ack, payload }) => {
    await ack({ options: [{ text: { type: 'plain_text', text: `${payload.value}-01` }, value: 'x' }] });
  });
  app.event('app_mention', async ({ event }) => void heard.push(event.text));
  app.shortcut('check-host', async ({ ack, shortcut }) => {
    await ack();
    heard.push(shortcut.type);
  });
  await app.start();
  await slack.until(({ connected }) => connected);
});
afterEach(() => {
  heard.length = 0;
});
afterAll(async () => {
  await app.stop();
  await slack.stop();
});

const MODAL: ModalView = {
  type: 'modal',
  callback_id: 'ask',
  title: { type: 'plain_text', text: 'Ask' },
  submit: { type: 'plain_text', text: 'Go' },
  blocks: [
    {
      type: 'input',
      block_id: 'name',
      label: { type: 'plain_text', text: 'Name' },
      element: { type: 'plain_text_input', action_id: 'text' },
    },
    {
      type: 'section',
      block_id: 'host',
      text: { type: 'plain_text', text: 'Host' },
      accessory: { type: 'external_select', action_id: 'host', min_query_length: 0 },
    },
  ],
};

describe('people and the app', () => {
  it('a command is acknowledged in time, and answered for one person alone', async () => {
    const acted = await slack.act(ALICE, { kind: 'type', channel: ONCALL, text: '/tcp private' });
    expect(acted).toMatchObject({ ok: true, error: null });
    expect(acted.ackMs).toBeLessThan(3000);
    const seen = await slack.until(({ messages }) => messages.some(({ text }) => text === 'for you'));
    expect(seen.messages.at(-1)).toMatchObject({ onlyFor: ALICE, user: 'U0TCPBOT' });
  });

  it('a button tells what it is, replaces its message, and opens a modal that is filled in, refused, and submitted', async () => {
    const { ts = '' } = await app.client.chat.postMessage({
      channel: ONCALL,
      text: 'x',
      blocks: [SECTION, { type: 'actions', elements: [BUTTON] }],
    });
    expect(
      await slack.act(ALICE, { kind: 'press', at: { channel: ONCALL, message: ts }, actionId: 'go' }),
    ).toMatchObject({ ok: true });
    await slack.until(
      ({ modals, messages }) => modals[ALICE]?.title === 'Ask' && messages.some(({ text }) => text === 'replaced'),
    );
    expect(heard[0]).toMatchObject({ actions: [{ action_id: 'go', value: 'opaque' }], message: { ts } });
    const offered = await slack.act(ALICE, {
      kind: 'options',
      at: 'modal',
      blockId: 'host',
      actionId: 'host',
      typed: 'web',
    });
    expect(offered.options).toEqual([{ text: 'web-01', value: 'x' }]);
    expect(await slack.act(ALICE, { kind: 'submit', values: {} })).toMatchObject({ error: 'missing_input' });
    await slack.act(ALICE, { kind: 'submit', values: { name: { text: 'wrong' } } });
    expect(slack.snapshot().modals[ALICE]?.errors).toEqual({ name: 'Not that one.' });
    await slack.act(ALICE, { kind: 'submit', values: { name: { text: 'right' } } });
    expect(slack.snapshot().modals[ALICE]).toBeUndefined();
    expect(heard.slice(1)).toEqual(['wrong', 'right']);
  });

  it('a mention reaches the app, a shortcut too, and a person who is not in the channel cannot speak there', async () => {
    await slack.act(YUKI, { kind: 'type', channel: ONCALL, text: '@tcp-oncall check web-01' });
    await slack.act(YUKI, { kind: 'shortcut', callbackId: 'check-host' });
    expect(heard).toEqual(['<@U0TCPBOT> check web-01', 'shortcut']);
    expect(await slack.act(YUKI, { kind: 'type', channel: 'C0INCIDENT', text: 'hi' })).toMatchObject({ ok: false });
  });

  it('a command nobody listens to is said not to have worked', async () => {
    await using empty = await startLocalSlack();
    const acted = await empty.act(ALICE, { kind: 'type', channel: ONCALL, text: '/tcp' });
    expect(acted).toMatchObject({ ok: false, error: 'dispatch_failed' });
  });
});

describe('the Web API', () => {
  it('changes a message and not one that a person wrote, or that one person sees', async () => {
    const { ts = '' } = await app.client.chat.postMessage({ channel: ONCALL, text: 'first' });
    await app.client.chat.update({ channel: ONCALL, ts, text: 'second' });
    expect(slack.snapshot().messages.at(-1)).toMatchObject({ text: 'second', edited: true });
    const { message_ts = '' } = await app.client.chat.postEphemeral({ channel: ONCALL, user: ALICE, text: 'psst' });
    await expect(app.client.chat.update({ channel: ONCALL, ts: message_ts, text: 'x' })).rejects.toThrow(
      /message_not_found/,
    );
    await slack.act(ALICE, { kind: 'type', channel: ONCALL, text: 'mine' });
    const mine = slack.snapshot().messages.at(-1);
    await expect(app.client.chat.update({ channel: ONCALL, ts: mine?.ts ?? '', text: 'x' })).rejects.toThrow(
      /cant_update_message/,
    );
  });

  it('refuses what Slack refuses, naming the place', async () => {
    const long = { type: 'section', text: { type: 'plain_text', text: 'x'.repeat(3001) } } as const;
    const refused = app.client.chat.postMessage({ channel: ONCALL, text: 'x', blocks: [SECTION, long] });
    await expect(refused).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: { messages: [expect.stringContaining('json-pointer:/blocks/1/text/text')] },
      },
    });
    await expect(app.client.chat.postMessage({ channel: 'C0INCIDENT', text: 'x' })).rejects.toThrow(
      /channel_not_found/,
    );
    await expect(app.client.chat.postMessage({ channel: ONCALL, text: '' })).rejects.toThrow(/no_text/);
    await expect(app.client.views.open({ trigger_id: 'no', view: MODAL })).rejects.toThrow(/invalid_trigger_id/);
  });

  it('limits rates: the client waits as long as it is told, and the message is there once', async () => {
    slack.faults.rateLimit('chat.postMessage', { times: 1, retryAfter: 1 });
    const asked = performance.now();
    await app.client.chat.postMessage({ channel: ONCALL, text: 'limited' });
    expect(performance.now() - asked).toBeGreaterThan(990);
    expect(slack.snapshot().messages.filter(({ text }) => text === 'limited')).toHaveLength(1);
  });

  it('fails on demand, with the call carried out or not', async () => {
    slack.faults.fail('chat.postMessage', { times: 1, status: 503, processed: true });
    await app.client.chat.postMessage({ channel: ONCALL, text: 'twice' });
    expect(slack.snapshot().messages.filter(({ text }) => text === 'twice')).toHaveLength(2);
  });

  it('takes a file in two steps and shows it in the thread', async () => {
    const { ts = '' } = await app.client.chat.postMessage({ channel: ONCALL, text: 'parent' });
    await app.client.filesUploadV2({
      channel_id: ONCALL,
      thread_ts: ts,
      content: 'all numbers',
      filename: 'report.txt',
      title: 'Report',
    });
    const shared = slack.snapshot().messages.find(({ thread }) => thread === ts);
    expect(shared?.files).toMatchObject([{ name: 'report.txt', title: 'Report', size: 11 }]);
    expect(await (await fetch(shared?.files[0]?.url ?? '')).text()).toBe('all numbers');
  });

  it('knows who is who', async () => {
    const { user } = await app.client.users.info({ user: YUKI, include_locale: true });
    expect(user).toMatchObject({ locale: 'ja-JP', team_id: 'T0LOCAL', is_restricted: false });
    expect((await app.client.users.info({ user: 'U0OTHER' })).user).toMatchObject({ team_id: 'T0OTHER' });
  });

  it('notes whom a message notifies', async () => {
    await app.client.chat.postMessage({
      channel: ONCALL,
      text: '<!channel> and <@U0ALICE>',
      blocks: [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: '<!here>' },
                { type: 'user', user_id: 'U0BOB' },
              ],
            },
          ],
        },
      ],
    });
    expect(slack.snapshot().messages.at(-1)?.pings).toEqual(['channel', 'U0ALICE', 'U0BOB']);
  });
});
