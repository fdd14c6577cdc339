/** The whole story of a kernel: asked for in Slack, compiled by a build host, booted by a machine that really boots, measured, kept, rolled back. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import type { Message } from '#local-slack/snapshot.ts';
import { type PrivateRedis, startPrivateRedis } from '#store/private-redis.ts';
import { changeCards } from '../bot/change-people.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { words } from '../bot/seen.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';
import { type Builder, startBuilder } from './builder.ts';
import { type Guest, startGuest } from './guest.ts';
import { OLD } from './guest-kernel.ts';
import { setUpGuest } from './set-up-guest.ts';

const [ALICE, BOB] = ['U0ALICE', 'U0BOB'];
const ONCALL = 'C0ONCALL';
const [TARGET, BUILDER] = ['guest-01', 'builder-01'];
const SECONDS = 5;
/** Compiling what the change touches, measuring 60 s, and booting, on a busy machine. */
const STEP_WITHIN_MS = 1_200_000;

let guest: Guest;
let builder: Builder;
let slack: LocalSlack;
let redis: PrivateRedis;
let bot: ServeProcess;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kernel-story-'));
  guest = await startGuest();
  await setUpGuest(guest);
  [builder, slack, redis] = await Promise.all([startBuilder(guest.kernels), startLocalSlack(), startPrivateRedis(dir)]);
  const rules = [{ groups: ['*'], ask: 'members', approve: { users: [ALICE, BOB] }, expires: '2h', revert: '10m' }];
  bot = await startServe({
    hosts: await writeHosts(),
    config: { changes: { rules, kernel: { builder: BUILDER } } },
    env: { REDIS_URL: redis.url, ...slackEnvironment(slack) },
  });
  await slack.until(({ connected }) => connected);
});
afterAll(async () => {
  await bot?.stop();
  await Promise.all([slack?.stop(), redis?.stop(), builder?.[Symbol.asyncDispose](), guest?.[Symbol.asyncDispose]()]);
  await rm(dir, { recursive: true, force: true });
});

async function writeHosts(): Promise<string> {
  const [file, knownHosts] = [join(dir, 'hosts.yaml'), join(dir, 'known_hosts')];
  const { address, port } = guest;
  await writeFile(
    knownHosts,
    [guest, builder].map((host) => `[${host.address}]:${host.port} ${host.hostKey}\n`).join(''),
  );
  const hosts = {
    [TARGET]: { address, port, user: 'ops', identityFile: guest.identity('ops'), groups: ['web'] },
    [BUILDER]: {
      ...{ address: builder.address, port: builder.port, user: builder.user },
      ...{ identityFile: builder.identity, groups: ['builders'] },
    },
  };
  await writeFile(file, stringify({ hosts, ssh: { knownHosts, agent: false } }));
  return file;
}

const card = (): Message => changeCards(slack.snapshot()).at(-1) as Message;
const untilCard = (says: string) =>
  slack.until((now) => changeCards(now).at(-1)?.text.includes(says) ?? false, STEP_WITHIN_MS);
const thread = () =>
  slack
    .snapshot()
    .messages.filter(({ thread: of }) => of === card().ts || of === card().thread)
    .map(words)
    .join('\n');
const running = async () => (await guest.exec('ops', 'uname -r')).stdout.trim();

async function presses(user: string, actionId: string): Promise<void> {
  const { channel, ts: message } = card();
  await slack.act(user, { kind: 'press', at: { channel, message }, actionId });
}

it('is built, installed, booted once, measured and kept, each with an approval', async () => {
  const text = `/tcp kernel build for ${TARGET} timewait=${SECONDS} because ports run out`;
  await slack.act(ALICE, { kind: 'type', channel: ONCALL, text });
  await untilCard('kernel build waiting for approval');
  await presses(ALICE, 'change:approve');
  await presses(BOB, 'change:approve');
  await untilCard('installation waiting for approval');
  expect(await running()).toBe(OLD);
  await presses(BOB, 'change:approve');
  await untilCard('reboot waiting for approval');
  expect(await running()).toBe(OLD);
  await presses(BOB, 'change:approve');
  await untilCard('new kernel on trial');
  expect(await running()).toMatch(/^6\.1\.192-tw5-[a-z2-7]{8}$/);
  await presses(BOB, 'change:keep');
  await untilCard('kernel kept');
  expect(`${words(card())}\n${thread()}`).toMatch(/6[0-3](\.\d+)? s.*\b5(\.\d+)? s/s);
});

it('is what the host boots from then on, until it is rolled back', async () => {
  const boots = guest.boots();
  await guest.exec('root', 'systemctl --no-block reboot');
  await guest.untilUp(boots + 1);
  expect(await running()).toContain(`-tw${SECONDS}-`);
  await presses(ALICE, 'change:take-back');
  await untilCard('kernel rollback waiting for approval');
  await presses(BOB, 'change:approve');
  await untilCard('back on the old kernel');
  await expect.poll(running, { timeout: STEP_WITHIN_MS }).toBe(OLD);
});
