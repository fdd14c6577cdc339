/** The shortcuts, the modal they open, and App Home. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Act } from '#local-slack/snapshot.ts';
import { buttonsOf, cardsOf, hasEnded, wordsOf } from '../bot/seen.ts';
import { ALICE, BOB, INCIDENT, ONCALL, openDesk, RANDOM, type SlackDesk, YUKI } from '../bot/slack-desk.ts';

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const act = (user: string, what: Act) => desk.slack.act(user, what);
const modalOf = (user: string) => desk.slack.snapshot().modals[user];
const homeOf = (user: string) => wordsOf(desk.slack.snapshot().homes[user]?.blocks);
const untilModal = (user: string) => desk.slack.until(({ modals }) => modals[user] !== undefined);
const untilHome = (user: string, pattern: RegExp) =>
  desk.slack.until(({ homes }) => pattern.test(wordsOf(homes[user]?.blocks)));

async function offered(user: string, typed: string): Promise<readonly string[]> {
  const { options = [] } = await act(user, { kind: 'options', at: 'modal', blockId: 'host', actionId: 'host', typed });
  return options.map(({ value }) => value);
}

function submit(user: string, host: string, channel?: string) {
  const where = channel !== undefined && { conversation: { conversation: channel } };
  return act(user, { kind: 'submit', values: { host: { host }, ...where } });
}

async function messageOf(user: string, text: string, thread?: string): Promise<string> {
  await desk.says(user, text, ONCALL, thread);
  return desk.slack.snapshot().messages.findLast((message) => message.user === user)?.ts ?? '';
}

describe('the global shortcut', () => {
  it('opens a modal that finds hosts as they are typed, and checks the one that is chosen where it is asked to', async () => {
    await act(ALICE, { kind: 'shortcut', callbackId: 'check-host' });
    await untilModal(ALICE);
    expect(modalOf(ALICE)).toMatchObject({ title: 'Check a host', submit: 'Check', close: 'Close' });
    expect(await offered(ALICE, '')).toHaveLength(65);
    expect(await offered(ALICE, 'web')).toEqual(['web-01', 'web-02', 'web-03']);
    expect(await offered(ALICE, '-02')).toEqual(['api-02', 'db-02', 'fleet-02', 'web-02']);
    expect(await offered(ALICE, 'wbe-03')).toContain('web-03');
    await submit(ALICE, 'web-01', RANDOM);
    expect(modalOf(ALICE)).toBeUndefined();
    await desk.untilEnded('web-01');
    expect(await desk.untilCard('web-01', hasEnded)).toMatchObject({ channel: RANDOM, thread: null });
  });

  it('submitted three times is one run', async () => {
    await act(ALICE, { kind: 'shortcut', callbackId: 'check-host' });
    await untilModal(ALICE);
    desk.slack.faults.deliver({ copies: 3 });
    await submit(ALICE, 'web-02', ONCALL);
    desk.slack.faults.deliver({ copies: 1 });
    const seen = await desk.untilEnded('web-02');
    expect(cardsOf('web-02', seen)).toHaveLength(1);
    expect(desk.hosts.runsOf('web-02')).toBe(1);
  });

  it('speaks Japanese to who reads Japanese, also when there is no such host', async () => {
    await act(YUKI, { kind: 'shortcut', callbackId: 'check-host' });
    await untilModal(YUKI);
    expect(wordsOf(modalOf(YUKI)?.blocks)).toMatch(/ホスト[\s\S]*2回の計測の間隔[\s\S]*結果を出す場所/);
    await submit(YUKI, 'gone-01', ONCALL);
    expect(modalOf(YUKI)?.errors).toEqual({
      host: '「gone-01」というホストはありません。一覧は /tcp hosts で見られます。',
    });
    await act(YUKI, { kind: 'close-modal' });
  });

  it('says at the field that there is no such host, and stays open', async () => {
    await act(ALICE, { kind: 'shortcut', callbackId: 'check-host' });
    await untilModal(ALICE);
    await submit(ALICE, 'gone-01', ONCALL);
    expect(modalOf(ALICE)?.errors).toEqual({ host: 'There is no host "gone-01". /tcp hosts lists those I know.' });
    expect(await desk.store.runs.active()).toEqual([]);
    await act(ALICE, { kind: 'close-modal' });
  });

  it('into a private channel without the bot: nothing is left running, and the person is told in their own conversation', async () => {
    const release = desk.hosts.hold('web-03', 'connecting');
    await act(ALICE, { kind: 'shortcut', callbackId: 'check-host' });
    await untilModal(ALICE);
    await submit(ALICE, 'web-03', INCIDENT);
    const toAlice = () =>
      desk.slack.calls.find(({ method, args }) => method === 'chat.postMessage' && args['channel'] === ALICE);
    await expect
      .poll(toAlice)
      .toMatchObject({ args: { text: expect.stringMatching(/^I cannot write here: invite me/) } });
    expect(await desk.store.runs.active()).toEqual([]);
    release();
  });
});

describe('the message shortcut', () => {
  it('begins with the host that the message names, and its card goes to the thread', async () => {
    const ts = await messageOf(BOB, 'I think db-01. Anybody?');
    await act(BOB, { kind: 'shortcut', callbackId: 'check-host-of-message', message: { channel: ONCALL, ts } });
    await untilModal(BOB);
    expect(wordsOf(modalOf(BOB)?.blocks)).toMatch(/The card goes into the thread of the message you chose/);
    await act(BOB, { kind: 'submit', values: {} });
    await desk.untilEnded('db-01');
    expect(await desk.untilCard('db-01', hasEnded)).toMatchObject({ channel: ONCALL, thread: ts });
  });

  it('of a message in a thread stays in that thread; a message that names none asks which', async () => {
    const parent = await messageOf(BOB, 'checkout is slow');
    const ts = await messageOf(BOB, 'since nine', parent);
    await act(BOB, { kind: 'shortcut', callbackId: 'check-host-of-message', message: { channel: ONCALL, ts } });
    await untilModal(BOB);
    expect(await act(BOB, { kind: 'submit', values: {} })).toMatchObject({ error: 'missing_input' });
    await submit(BOB, 'db-02');
    expect((await desk.untilCard('db-02', hasEnded)).thread).toBe(parent);
  });
});

describe('a guest', () => {
  it('is told why they may not check, instead of being shown the hosts', async () => {
    await act('U0GUEST', { kind: 'shortcut', callbackId: 'check-host' });
    await untilModal('U0GUEST');
    expect(modalOf('U0GUEST')?.submit).toBeNull();
    expect(wordsOf(modalOf('U0GUEST')?.blocks)).toMatch(/^Guests cannot use me here/);
    expect(buttonsOf({ blocks: modalOf('U0GUEST')?.blocks ?? [] })).toEqual([]);
  });
});

describe('App Home', () => {
  it('shows what runs and for whom, is refreshed when it ends, and its button opens the modal', async () => {
    const release = desk.hosts.hold('api-02', 'second-sample');
    await desk.says(ALICE, '/tcp check api-02');
    await desk.untilCard('api-02', ({ text }) => /second sample/.test(text));
    await Promise.all([ALICE, YUKI].map((user) => act(user, { kind: 'open-home' })));
    await untilHome(ALICE, /What you are waiting for +api-02: second sample[\s\S]*Other checks that are running None/);
    await untilHome(
      YUKI,
      /あなたが待っているもの ありません。 +ほかに実行中のチェック +api-02: 2回目の計測[\s\S]*@U0ALICE/,
    );
    release();
    await untilHome(ALICE, /waiting for Nothing[\s\S]*Recent reports[^:]*api-02: 2 critical/);
    await untilHome(YUKI, /ほかに実行中のチェック ありません。[\s\S]*最近のレポート/);
    expect(homeOf(ALICE)).not.toMatch(/second sample/);
    await act(YUKI, { kind: 'press', at: 'home', actionId: 'open-check-modal' });
    await untilModal(YUKI);
    expect(modalOf(YUKI)?.title).toBe('ホストをチェック');
  });
});
