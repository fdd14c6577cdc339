/** Many runs at once, and one that changes all the time: Slack's limits hold, and every card tells how its run ended. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cardsOf, hasEnded, repliesOf } from '../bot/seen.ts';
import { ALICE, BOB, openDesk, type SlackDesk } from '../bot/slack-desk.ts';

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const FLEET = Array.from({ length: 50 }, (_, index) => `fleet-${String(index + 1).padStart(2, '0')}`);
/** Announced progress waits 2.5 s for what comes next; a timer may fire a little early. */
const LEAST_APART_MS = 2400;

it('a run that changes all the time is edited every few seconds', async () => {
  const release = desk.hosts.hold('api-01', 'second-sample');
  await desk.says(ALICE, '/tcp check api-01');
  const { ts } = await desk.untilCard('api-01', ({ text }) => /second sample/.test(text));
  const edits = () => desk.slack.calls.filter(({ method, args }) => method === 'chat.update' && args['ts'] === ts);
  const [run] = await desk.store.runs.active();
  if (run === undefined) throw new Error('Nothing runs.');
  const before = edits().length;
  const began = Date.now();
  while (edits().length < before + 3) {
    await desk.store.runs.advance(run, { kind: 'running', stage: 'second-sample' });
    await desk.announce({ kind: 'check', id: run.id }, 'soon');
    await new Promise((resume) => setTimeout(resume, 50));
  }
  // The first may have been on its way. Not from edit to edit: a busy machine may deliver one late, and the next in time.
  expect((edits().at(-1)?.at ?? 0) - began).toBeGreaterThanOrEqual(2 * LEAST_APART_MS);
  release();
  await desk.untilEnded('api-01');
});

it('fifty runs that end at once while Slack is short of breath: every card ends, and every thread is told', async () => {
  const releases = FLEET.map((host) => desk.hosts.hold(host, 'second-sample'));
  // They end at once. Asked at once, on a machine with load, some would be told that Redis did not answer within 1.5 s.
  for (const [index, host] of FLEET.entries()) await desk.says(index % 2 === 0 ? ALICE : BOB, `/tcp check ${host}`);
  await desk.slack.until((seen) => FLEET.every((host) => cardsOf(host, seen).length === 1));
  desk.slack.faults.rateLimit('chat.update', { times: 10, retryAfter: 1 });
  desk.slack.faults.rateLimit('chat.postMessage', { times: 10, retryAfter: 1 });
  for (const release of releases) release();
  const ended = await desk.slack.until((seen) =>
    FLEET.every((host) => cardsOf(host, seen).every(hasEnded) && repliesOf(host, seen).length > 0),
  );
  for (const host of FLEET) {
    expect(cardsOf(host, ended)).toHaveLength(1);
    expect(repliesOf(host, ended)).toHaveLength(1);
    expect(desk.hosts.runsOf(host)).toBe(1);
  }
  expect(await desk.store.runs.active()).toEqual([]);
  await expect.poll(() => desk.store.cards.unsettled()).toEqual([]);
});
