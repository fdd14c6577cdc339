/** Fifty people ask about fifty hosts at the same moment: every card ends, once, with what was found. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lab, openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { cardsOf, hasEnded, repliesOf } from '../bot/seen.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';

const CROWD = 50;
/** A minute on a machine that has nothing else to do: each check costs it two seconds of processor. */
const MOST_MS = 240_000;

let lab: Lab;
let slack: LocalSlack;
let bot: ServeProcess;

beforeAll(async () => {
  [lab, slack] = await Promise.all([openLab({ name: 'botcrowd', hosts: CROWD }), startLocalSlack()]);
  bot = await startServe({ hosts: lab.paths.config, env: slackEnvironment(slack) });
});
afterAll(async () => {
  await bot.stop();
  await Promise.all([slack.stop(), lab.close()]);
});

it(
  'fifty checks at once',
  async () => {
    const hosts = lab.hosts.map(({ name }) => name);
    const acted = await Promise.all(
      hosts.map((host) =>
        slack.act('U0ALICE', { kind: 'type', channel: 'C0ONCALL', text: `/tcp check ${host} for 1s` }),
      ),
    );
    expect(acted.filter(({ ok }) => !ok)).toEqual([]);
    const ended = await slack.until(
      (seen) => hosts.every((host) => cardsOf(host, seen).some(hasEnded) && repliesOf(host, seen).length > 0),
      MOST_MS,
    );
    for (const host of hosts) {
      expect(cardsOf(host, ended)).toHaveLength(1);
      expect(repliesOf(host, ended)).toHaveLength(1);
      expect(cardsOf(host, ended)[0]?.text).toMatch(/nothing found|note|warning|critical/);
    }
  },
  MOST_MS + 30_000,
);
