/** Who may ask, and where: everybody else is told why, alone, and nothing runs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardsOf, hasEnded, words } from '../bot/seen.ts';
import { ALICE, INCIDENT, openDesk, type SlackDesk } from '../bot/slack-desk.ts';

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const STRANGERS = [
  { user: 'U0GUEST', who: 'a guest', sentence: /^Guests cannot use me here: ask a full member/ },
  { user: 'U0ROBOT', who: 'a robot', sentence: /^Other apps cannot use me/ },
  { user: 'U0GONE', who: 'somebody deactivated', sentence: /^This account is deactivated/ },
  {
    user: 'U0OTHER',
    who: 'somebody of another organisation',
    sentence: /^I work for the people of this workspace only/,
  },
] as const;

describe.each(STRANGERS)('$who', ({ user, sentence }) => {
  it.each(['/tcp check web-01', '@tcp-oncall check web-01', '/tcp hosts', '/tcp cancel web-02'])(
    'is refused in one private sentence: %s',
    async (text) => {
      const told = await desk.told(user, () => desk.says(user, text));
      expect(told.map(words)).toEqual([expect.stringMatching(sentence)]);
      expect(await desk.store.runs.active()).toEqual([]);
      expect(cardsOf('web-01', desk.slack.snapshot())).toEqual([]);
      expect(desk.hosts.runsOf('web-01')).toBe(0);
    },
  );

  it('cannot press the buttons of a card', async () => {
    const host = 'web-02';
    const release = desk.hosts.hold(host, 'second-sample');
    await desk.says(ALICE, `/tcp check ${host}`);
    const running = await desk.untilCard(host, (card) => !hasEnded(card));
    const told = await desk.told(user, () => desk.presses(user, running, 'cancel-check'));
    expect(told.map(words)).toEqual([expect.stringMatching(sentence)]);
    expect(await desk.store.runs.active()).toHaveLength(1);
    release();
    await desk.untilEnded(host, cardsOf(host, desk.slack.snapshot()).length);
  });

  it('sees nothing in App Home', async () => {
    await desk.slack.act(user, { kind: 'open-home' });
    // By the time a later question is answered, the home would have been shown.
    await desk.told(ALICE, () => desk.says(ALICE, '/tcp status'));
    expect(desk.slack.snapshot().homes[user]).toBeUndefined();
  });
});

describe('a private channel without the bot', () => {
  it('is told how to invite it, and nothing is left running', async () => {
    const release = desk.hosts.hold('web-03', 'connecting');
    const [told, ...more] = await desk.told(ALICE, () => desk.says(ALICE, '/tcp check web-03', INCIDENT));
    expect(more).toEqual([]);
    expect(told).toMatchObject({ channel: INCIDENT });
    expect(told && words(told)).toBe('I cannot write here: invite me with /invite @tcp-oncall, then ask again.');
    expect(await desk.store.runs.active()).toEqual([]);
    expect(await desk.store.cards.unsettled()).toEqual([]);
    release();
  });

  it('answers what needs no card', async () => {
    const [told] = await desk.told(ALICE, () => desk.says(ALICE, '/tcp help', INCIDENT));
    expect(told && words(told)).toMatch(/I log in to a host/);
  });
});
