/** Everything a person can ask in words, in both languages, and what each of them reads. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded, privatelyTo, repliesOf, words } from '../bot/seen.ts';
import { ALICE, ONCALL, openDesk, RANDOM, type SlackDesk, YUKI } from '../bot/slack-desk.ts';

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk({ channels: { [RANDOM]: { language: 'ja' } } });
});
afterAll(() => desk.close());

/** The one private answer. */
async function answer(user: string, text: string, channel = ONCALL): Promise<string> {
  const [message, ...more] = await desk.told(user, () => desk.says(user, text, channel));
  expect(more).toEqual([]);
  expect(message?.channel).toBe(channel);
  return message === undefined ? '' : words(message);
}

describe('a check', () => {
  it('becomes a card that ends with its findings, and tells the thread', async () => {
    await desk.says(ALICE, '/tcp check api-01');
    const seen = await desk.untilEnded('api-01');
    const card = await desk.untilCard('api-01', hasEnded);
    expect(card).toMatchObject({ channel: ONCALL, thread: null, text: 'api-01: 2 critical' });
    expect(words(card)).toMatch(
      /accept queue[\s\S]*Runbook[\s\S]*Ruled out: \d+ of \d+\.[\s\S]*Check again Full report/,
    );
    const [reply, ...more] = repliesOf('api-01', seen);
    expect(more).toEqual([]);
    expect(reply).toMatchObject({ thread: card.ts, pings: [ALICE] });
    expect(reply && words(reply)).toMatch(/What to do/);
  });

  it('is shown in Japanese to who reads Japanese', async () => {
    await desk.says(YUKI, '/tcp check api-02');
    const seen = await desk.untilEnded('api-02');
    expect(words(await desk.untilCard('api-02', hasEnded))).toMatch(
      /ランブック[\s\S]*該当しないもの[\s\S]*もう一度チェック 全文レポート/,
    );
    expect(repliesOf('api-02', seen).map(words)[0]).toMatch(/対処/);
  });

  it('is shown in the language that the settings give the channel', async () => {
    await desk.says(ALICE, '/tcp check api-03', RANDOM);
    const seen = await desk.untilEnded('api-03');
    expect(words(await desk.untilCard('api-03', hasEnded))).toMatch(/ランブック[\s\S]*もう一度チェック/);
    expect(repliesOf('api-03', seen).map(words)[0]).toMatch(/対処/);
  });

  it('asked for by mentioning the bot in a thread is answered in that thread', async () => {
    await desk.says(ALICE, 'checkout is slow');
    const [question] = desk.slack.snapshot().messages.slice(-1);
    await desk.says(ALICE, '@tcp-oncall check api-04 for 1s', ONCALL, question?.ts);
    const seen = await desk.untilEnded('api-04');
    expect(await desk.untilCard('api-04', hasEnded)).toMatchObject({ channel: ONCALL, thread: question?.ts });
    expect(repliesOf('api-04', seen)).toMatchObject([{ thread: question?.ts }]);
  });

  it('asked for in the middle of a sentence is understood, and a host as an alert names it', async () => {
    await desk.says(ALICE, 'prod is slow, @tcp-oncall can you check API-06 please?');
    await desk.untilEnded('api-06');
    await desk.says(ALICE, '/tcp check api-07:5432');
    await desk.untilEnded('api-07');
  });

  it('asked for by mentioning the bot in the channel is answered in a thread of that message', async () => {
    await desk.says(YUKI, '@tcp-oncall check api-05');
    const [question] = desk.slack
      .snapshot()
      .messages.filter(({ user }) => user === YUKI)
      .slice(-1);
    await desk.untilEnded('api-05');
    expect(await desk.untilCard('api-05', hasEnded)).toMatchObject({ thread: question?.ts });
  });
});

describe.each([
  {
    user: ALICE,
    language: 'English',
    expected: {
      help: /I log in to a host[\s\S]*\/tcp check web-01[\s\S]*@tcp-oncall check web-01/,
      hosts: /65 hosts in no group[\s\S]*fleet +fleet-01[\s\S]*and 25 more web +web-01, web-02, web-03/,
      status: /Checks: 0 running, 0 waiting[\s\S]*No check is running[\s\S]*Workers: 1\./,
      list: /\d+ things I can find[\s\S]*close-wait-leak/,
      page: /CLOSE_WAIT[\s\S]*the whole page/,
      noPage: /no diagnosis "close-wait-leek"\. Did you mean close-wait-leak\?/,
      word: /I do not know "chek"\. Did you mean check\? \/tcp help/,
      noHost: /Which host\?/,
      unknownHost: /There is no host "mail-server-in-paris"\. \/tcp hosts/,
      interval: /1s to 60s .*not "2h"/,
      tooMuch: /one at a time.*\/tcp check web-01 for 30s\. I could not use "web-02"/,
      option: /"--all" works in the terminal/,
      noFix: /Which host\? \/tcp fix web-01 lists the fixes/,
      noUnlock: /nothing to unlock/,
      near: /no host "web1"\. Did you mean one of these\? web-01/,
      cancelNone: /No check of "web-01" is running/,
      cancelWhich: /Say which: \/tcp cancel web-01/,
      group: /web is a group[\s\S]*Which one\? web-01 web-02 web-03/,
    },
  },
  {
    user: YUKI,
    language: 'Japanese',
    expected: {
      help: /ホストにログインし[\s\S]*\/tcp check web-01[\s\S]*@tcp-oncall check web-01/,
      hosts: /ホスト 65 台[\s\S]*グループなし[\s\S]*ほかに 25 台/,
      status: /チェック: 実行中 0、待ち 0[\s\S]*実行中・待機中のチェックはありません[\s\S]*ワーカー: 1/,
      list: /見つけられるもの（\d+ 項目）[\s\S]*close-wait-leak/,
      page: /CLOSE_WAIT[\s\S]*ページ全体/,
      noPage: /「close-wait-leek」という項目はありません。close-wait-leak のことですか？/,
      word: /「chek」はわかりません。check のことですか？/,
      noHost: /どのホストですか？/,
      unknownHost: /「mail-server-in-paris」というホストはありません/,
      interval: /1s から 60s まで.*「2h」/,
      tooMuch: /1台ずつ.*「web-02」/,
      option: /「--all」は端末用/,
      noFix: /どのホストですか？ \/tcp fix web-01/,
      noUnlock: /ロック中のホストはない/,
      near: /「web1」.*web-01/s,
      cancelNone: /「web-01」のチェックは動いていません/,
      cancelWhich: /どれを中止しますか？/,
      group: /web はグループです[\s\S]*どのホストですか？ web-01 web-02 web-03/,
    },
  },
])('in $language, to that person alone', ({ user, expected }) => {
  it.each([
    ['/tcp', expected.help],
    ['/tcp help', expected.help],
    ['/tcp help chek', expected.word],
    ['/tcp help fix', /^\/tcp fix web-01 /],
    ['/tcp hosts', expected.hosts],
    ['/tcp status', expected.status],
    ['/tcp explain', expected.list],
    ['/tcp explain close-wait-leak', expected.page],
    ['/tcp explain close-wait-leek', expected.noPage],
    ['/tcp chek web-01', expected.word],
    ['/tcp check', expected.noHost],
    ['/tcp check mail-server-in-paris', expected.unknownHost],
    ['/tcp check web-01 for 2h', expected.interval],
    ['/tcp check web-01 web-02', expected.tooMuch],
    ['/tcp check --all', expected.option],
    ['/tcp check web1', expected.near],
    ['/tcp fix', expected.noFix],
    ['/tcp unlock', expected.noUnlock],
    ['/tcp cancel WEB-01', expected.cancelNone],
    ['/tcp cancel', expected.cancelWhich],
    ['/tcp check web', expected.group],
  ])('%s', async (text, pattern) => {
    expect(await answer(user, text)).toMatch(pattern);
    expect(await desk.store.runs.active()).toEqual([]);
  });

  it('a mention is answered in the thread, to that person alone', async () => {
    const [message] = await desk.told(user, () => desk.says(user, '@tcp-oncall help'));
    expect(message && words(message)).toMatch(expected.help);
    expect(message?.thread).not.toBeNull();
  });
});

describe('a name that is nearly right', () => {
  it('is offered as buttons; one that is pressed twice checks once and says that it was used', async () => {
    const [offer] = await desk.told(ALICE, () => desk.says(ALICE, '/tcp check dv-01'));
    expect(offer && words(offer)).toMatch(/no host "dv-01"\. Did you mean one of these\? db-01/);
    const [again] = await desk.told(ALICE, () =>
      Promise.all([desk.presses(ALICE, offer, 'offer:0'), desk.presses(ALICE, offer, 'offer:0')]),
    );
    expect(again && words(again)).toBe('This button was used or is too old: type the command again.');
    await desk.untilEnded('db-01');
    expect(desk.hosts.runsOf('db-01')).toBe(1);
    expect(privatelyTo(ALICE, desk.slack.snapshot()).map(({ ts }) => ts)).not.toContain(offer?.ts);
  });

  it('in a thread is offered there, and its card stands there', async () => {
    await desk.says(YUKI, '@tcp-oncall check dv-02');
    const { messages } = await desk.slack.until((seen) =>
      privatelyTo(YUKI, seen).some(({ text }) => /dv-02/.test(text)),
    );
    const offer = messages.find(({ onlyFor, text }) => onlyFor === YUKI && /dv-02/.test(text));
    expect(offer?.thread).not.toBeNull();
    await desk.presses(YUKI, offer, 'offer:0');
    expect((await desk.untilCard('db-02', hasEnded)).thread).toBe(offer?.thread);
  });

  it('a group offers its hosts, and the one that is pressed is checked', async () => {
    const [offer] = await desk.told(ALICE, () => desk.says(ALICE, '/tcp check web'));
    await desk.presses(ALICE, offer, 'offer:1');
    await desk.untilEnded('web-02');
    expect(['web-01', 'web-02', 'web-03'].map(desk.hosts.runsOf)).toEqual([0, 1, 0]);
  });
});
