/** What is delivered again, pressed twice or asked by several people happens once, with one bot and with two. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '#local-slack/snapshot.ts';
import { cardsOf, hasEnded, privatelyTo, repliesOf, words } from '../bot/seen.ts';
import { ALICE, BOB, ONCALL, openDesk, RANDOM, type SlackDesk, YUKI } from '../bot/slack-desk.ts';

let desk: SlackDesk;
/** Two bots on one Redis: any of them may answer anything. */
beforeAll(async () => {
  desk = await openDesk({ replicas: 2 });
});
afterAll(() => desk.close());

const snapshot = () => desk.slack.snapshot();
const sentences = (messages: readonly Message[]) => messages.map(words).toSorted();

async function thrice(work: () => Promise<unknown>): Promise<void> {
  desk.slack.faults.deliver({ copies: 3 });
  try {
    await work();
  } finally {
    desk.slack.faults.deliver({ copies: 1 });
  }
}

describe('delivered three times', () => {
  it('a command is one run, one card and one reply', async () => {
    await thrice(() => desk.says(ALICE, '/tcp check api-01'));
    const seen = await desk.untilEnded('api-01');
    expect(cardsOf('api-01', seen)).toHaveLength(1);
    expect(repliesOf('api-01', seen)).toHaveLength(1);
    expect(desk.hosts.runsOf('api-01')).toBe(1);
  });

  it('a mention is one run and one card', async () => {
    await thrice(() => desk.says(ALICE, '@tcp-oncall check api-02'));
    const seen = await desk.untilEnded('api-02');
    expect(cardsOf('api-02', seen)).toHaveLength(1);
    expect(desk.hosts.runsOf('api-02')).toBe(1);
  });

  it('a button is pressed once', async () => {
    await thrice(() => desk.presses(ALICE, cardsOf('api-01', snapshot())[0], 'check-again'));
    const seen = await desk.untilEnded('api-01', 2);
    expect(cardsOf('api-01', seen)).toHaveLength(2);
    expect(desk.hosts.runsOf('api-01')).toBe(2);
  });

  it('a question is answered once', async () => {
    const answers = await desk.told(ALICE, () => thrice(() => desk.says(ALICE, '/tcp help')));
    expect(answers).toHaveLength(1);
  });
});

describe('pressed twice', () => {
  it('"check again" is one new run; a press while it runs is told where it is shown', async () => {
    await desk.says(ALICE, '/tcp check api-03');
    await desk.untilEnded('api-03');
    const first = await desk.untilCard('api-03', hasEnded);
    const release = desk.hosts.hold('api-03', 'second-sample');
    await desk.presses(ALICE, first, 'check-again');
    const second = await desk.untilCard('api-03', (card) => !hasEnded(card));
    const told = await desk.told(ALICE, () => desk.presses(ALICE, first, 'check-again'));
    expect(sentences(told)).toEqual([
      expect.stringMatching(/^api-03 is being checked right now, and this is its card/),
    ]);
    expect(sentences(told)[0]).toContain(second.ts.replace('.', ''));
    release();
    const seen = await desk.untilEnded('api-03', 2);
    expect(cardsOf('api-03', seen)).toHaveLength(2);
    expect(desk.hosts.runsOf('api-03')).toBe(2);
  });

  it('"check again" at the same moment is one new run, and everything that shows it ends', async () => {
    await desk.says(ALICE, '/tcp check api-06');
    await desk.untilEnded('api-06');
    const first = await desk.untilCard('api-06', hasEnded);
    const release = desk.hosts.hold('api-06', 'second-sample');
    const press = () => desk.presses(ALICE, first, 'check-again');
    await Promise.all([press(), press()]);
    await desk.untilCard('api-06', (card) => !hasEnded(card));
    release();
    await desk.untilEnded('api-06', 2);
    await desk.slack.until((seen) => cardsOf('api-06', seen).every(hasEnded));
    expect(desk.hosts.runsOf('api-06')).toBe(2);
  });

  it('"cancel" ends the run once; the second press is told that it has ended', async () => {
    const release = desk.hosts.hold('api-04', 'second-sample');
    await desk.says(ALICE, '/tcp check api-04');
    const card = await desk.untilCard('api-04', () => true);
    const press = () => desk.presses(ALICE, card, 'cancel-check');
    const told = await desk.told(ALICE, () => Promise.all([press(), press()]), 2);
    expect(sentences(told)).toEqual([
      'The check of api-04 has ended already; nothing was cancelled.',
      'The check of api-04 is cancelled.',
    ]);
    const seen = await desk.untilEnded('api-04');
    expect(cardsOf('api-04', seen).map(({ text }) => text)).toEqual(['api-04: check cancelled']);
    expect(repliesOf('api-04', seen)).toHaveLength(1);
    release();
  });

  it('"full report" is one file in the thread', async () => {
    await desk.says(ALICE, '/tcp check api-05');
    await desk.untilEnded('api-05');
    const card = await desk.untilCard('api-05', hasEnded);
    const press = (user: string) => desk.presses(user, card, 'full-report');
    await Promise.all([press(ALICE), press(ALICE), press(BOB)]);
    const { messages } = await desk.slack.until((seen) => seen.messages.some(({ files }) => files.length > 0));
    // Once everything that was pressed has been heard of, another question is answered.
    await desk.told(ALICE, () => desk.says(ALICE, '/tcp status'));
    const shared = snapshot().messages.filter(({ files }) => files.length > 0);
    expect(shared).toEqual(messages.filter(({ files }) => files.length > 0));
    expect(shared).toMatchObject([
      { thread: card.ts, files: [{ title: expect.stringMatching(/api-05, every number/) }] },
    ]);
    const file = await fetch(shared[0]?.files[0]?.url ?? '');
    expect(await file.text()).toMatch(/api-05[\s\S]*CRITICAL[\s\S]*accept/i);
  });
});

describe('somebody else asks while it runs', () => {
  it('in the same channel: they are told where its card is', async () => {
    const release = desk.hosts.hold('db-01', 'second-sample');
    await desk.says(ALICE, '/tcp check db-01');
    const card = await desk.untilCard('db-01', () => true);
    const [told] = await desk.told(YUKI, () => desk.says(YUKI, '/tcp check db-01'));
    expect(told && words(told)).toMatch(/^db-01 はいまチェック中です。カードはこちら: http/);
    expect(told && words(told)).toContain(`/archives/${ONCALL}/p${card.ts.replace('.', '')}`);
    release();
    const seen = await desk.untilEnded('db-01');
    expect(cardsOf('db-01', seen)).toHaveLength(1);
    expect(desk.hosts.runsOf('db-01')).toBe(1);
  });

  it('in another channel: they get a card of their own, of the same run, and are told of its end', async () => {
    const release = desk.hosts.hold('db-02', 'second-sample');
    await desk.says(ALICE, '/tcp check db-02');
    await desk.untilCard('db-02', ({ channel }) => channel === ONCALL);
    await desk.says(BOB, '/tcp check db-02', RANDOM);
    await desk.untilCard('db-02', ({ channel }) => channel === RANDOM);
    release();
    const seen = await desk.untilEnded('db-02', 2);
    const [hers, his, ...more] = cardsOf('db-02', seen);
    expect(more).toEqual([]);
    expect(hers).toMatchObject({ channel: ONCALL });
    expect(his && words(his)).toMatch(/asked by <@U0BOB> .* the same check as <@U0ALICE>'s/);
    expect(
      repliesOf('db-02', seen)
        .map(({ channel, pings }) => [channel, pings])
        .toSorted(),
    ).toEqual([
      [ONCALL, [ALICE]],
      [RANDOM, [BOB]],
    ]);
    expect(desk.hosts.runsOf('db-02')).toBe(1);
  });
});

describe('two bots', () => {
  it('ten commands and ten clicks at once are each answered once', async () => {
    const hosts = Array.from({ length: 10 }, (_, index) => `fleet-${String(index + 1).padStart(2, '0')}`);
    const releases = hosts.map((host) => desk.hosts.hold(host, 'second-sample'));
    const before = privatelyTo(BOB, snapshot()).length;
    await Promise.all(hosts.map((host) => desk.says(BOB, `/tcp check ${host}`)));
    await desk.slack.until((seen) => hosts.every((host) => cardsOf(host, seen).length > 0));
    await Promise.all(hosts.map((host) => desk.presses(BOB, cardsOf(host, snapshot())[0], 'cancel-check')));
    for (const host of hosts) await desk.untilEnded(host);
    await desk.slack.until((seen) => privatelyTo(BOB, seen).length === before + hosts.length);
    for (const host of hosts) {
      expect(cardsOf(host, snapshot())).toHaveLength(1);
      expect(repliesOf(host, snapshot())).toHaveLength(1);
      expect(desk.hosts.runsOf(host)).toBe(1);
    }
    expect(await desk.store.runs.active()).toEqual([]);
    for (const release of releases) release();
  });
});
