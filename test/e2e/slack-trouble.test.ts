/** Slack says no, is away, or loses what it had: one card, one reply, and in the end they tell the truth. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deleteMessage } from '../bot/delete-message.ts';
import { cardsOf, hasEnded, privatelyTo, repliesOf, words } from '../bot/seen.ts';
import { ALICE, BOB, ONCALL, openDesk, type SlackDesk } from '../bot/slack-desk.ts';

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const snapshot = () => desk.slack.snapshot();

async function expectOneOfEach(host: string): Promise<void> {
  const seen = await desk.untilEnded(host);
  expect(cardsOf(host, seen).map(({ text }) => text)).toEqual([`${host}: 2 critical`]);
  expect(repliesOf(host, seen)).toHaveLength(1);
}

describe('Slack refuses calls for a while', () => {
  it('429 with Retry-After, for posts and edits: one card and one reply', async () => {
    const { faults } = desk.slack;
    faults.rateLimit('chat.postMessage', { times: 1, retryAfter: 1 });
    faults.rateLimit('chat.update', { times: 1, retryAfter: 1 });
    await desk.says(ALICE, '/tcp check api-01');
    await expectOneOfEach('api-01');
    const [refused, taken] = desk.slack.calls.filter(({ method }) => method === 'chat.postMessage');
    expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  it('503, for posts and edits: one card and one reply', async () => {
    const { faults } = desk.slack;
    faults.fail('chat.postMessage', { times: 1, status: 503 });
    faults.fail('chat.update', { times: 1, status: 503 });
    await desk.says(ALICE, '/tcp check api-02');
    await expectOneOfEach('api-02');
  });

  it('kept connections that end as they are used: one card and one reply', async () => {
    const { faults } = desk.slack;
    faults.endKeptConnections(true);
    onTestFinished(() => faults.endKeptConnections(false));
    await desk.says(ALICE, '/tcp check api-05');
    await expectOneOfEach('api-05');
  });

  it('everything fails while a run ends: its end is shown when Slack is back', async () => {
    const release = desk.hosts.hold('api-03', 'second-sample');
    await desk.says(ALICE, '/tcp check api-03');
    const card = await desk.untilCard('api-03', ({ text }) => /second sample/.test(text));
    const methods = ['chat.update', 'chat.postMessage', 'chat.postEphemeral', 'users.info', 'views.publish'];
    for (const method of methods) desk.slack.faults.fail(method, { times: 10_000, status: 500 });
    const before = desk.slack.calls.length;
    release();
    const failedSince = () => desk.slack.calls.slice(before).filter(({ status }) => status === 500).length;
    await expect.poll(failedSince).toBeGreaterThanOrEqual(2);
    expect((await desk.store.runs.active()).map(({ host }) => host)).toEqual([]);
    expect(cardsOf('api-03', snapshot()).map(({ ts, text }) => [ts, text])).toEqual([[card.ts, card.text]]);
    for (const method of methods) while (desk.slack.faults.next(method) !== undefined);
    await expectOneOfEach('api-03');
  });
});

describe('a card that somebody deletes while it is running', () => {
  it('is not posted again, and the run ends all the same', async () => {
    const release = desk.hosts.hold('api-04', 'second-sample');
    await desk.says(ALICE, '/tcp check api-04');
    const card = await desk.untilCard('api-04', ({ text }) => /second sample/.test(text));
    const [run] = await desk.store.runs.active();
    await deleteMessage(desk.slack, ONCALL, card.ts);
    release();
    await expect.poll(async () => run && (await desk.store.runs.find(run.id))?.state.kind).toBe('reported');
    await expect.poll(() => desk.store.cards.unsettled()).toEqual([]);
    expect(cardsOf('api-04', snapshot())).toEqual([]);
    expect(repliesOf('api-04', snapshot())).toEqual([]);
  });
});

describe('connections', () => {
  it.each(['dropSockets', 'refreshSockets'] as const)('%s: a command afterwards works', async (how) => {
    desk.slack.faults[how]();
    // Slack refuses what is typed while nobody is connected.
    await expect.poll(async () => (await desk.says(BOB, '/tcp help')).ok).toBe(true);
    const seen = await desk.slack.until((now) => privatelyTo(BOB, now).length > 0);
    expect(privatelyTo(BOB, seen).map(words).at(-1)).toMatch(/I log in to a host/);
  });
});

describe('cancel', () => {
  it.each([
    { host: 'db-01', how: "by the host's name", target: (host: string) => Promise.resolve(host) },
    { host: 'db-02', how: "by the run's id", target: runningId },
  ])('$how ends the run, and the card says who did it', async ({ host, target }) => {
    const release = desk.hosts.hold(host, 'second-sample');
    await desk.says(ALICE, `/tcp check ${host}`);
    await desk.untilCard(host, () => true);
    const text = `/tcp cancel ${await target(host)}`;
    const [told] = await desk.told(BOB, () => desk.says(BOB, text));
    expect(told && words(told)).toBe(`The check of ${host} is cancelled.`);
    const seen = await desk.untilEnded(host);
    expect(cardsOf(host, seen).map(words)).toEqual([
      expect.stringMatching(/check cancelled[\s\S]*Cancelled by +@U0BOB/),
    ]);
    expect(await desk.store.runs.active()).toEqual([]);
    release();
  });

  it('after the end says that nothing was cancelled', async () => {
    await desk.says(ALICE, '/tcp check db-03');
    await desk.untilEnded('db-03');
    const [stored] = await desk.store.reports.ofHost('db-03', 1);
    const [told] = await desk.told(ALICE, () => desk.says(ALICE, `/tcp cancel ${stored?.id}`));
    expect(told && words(told)).toBe('The check of db-03 has ended already; nothing was cancelled.');
    expect(cardsOf('db-03', snapshot()).every(hasEnded)).toBe(true);
  });
});

async function runningId(host: string): Promise<string> {
  return (await desk.store.runs.active()).find((run) => run.host === host)?.id ?? '';
}
