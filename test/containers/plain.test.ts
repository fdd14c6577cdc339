/** docker-compose.yml as it is, with two workers: what works, who holds what, and who reaches Redis. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type ComposeProject, openProject } from './compose-project.ts';
import { connectFrom, holdersOf, pidOf } from './inside.ts';
import { AROUND, laySite, type PlainSecrets } from './plain-site.ts';
import { podman } from './podman.ts';
import { type OutsideSlack, openOutsideSlack } from './slack-from-outside.ts';

const NAME = 'plain';
const AUDIT = '/audit/audit.jsonl';
let project: ComposeProject;
let secrets: PlainSecrets;
let slack: OutsideSlack;
let [redis, bot, outsider]: readonly string[] = [];
let workers: readonly string[] = [];

beforeAll(async () => {
  project = await openProject(NAME, AROUND);
  secrets = await laySite(project.dir);
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(await project.logs());
});

async function addressOf(container: string, network: string): Promise<string> {
  const format = `{{(index .NetworkSettings.Networks "${NAME}_${network}").IPAddress}}`;
  return (await podman('inspect', '--format', format, container)).trim();
}

it('comes up: Redis, a bot, two workers, each of them alive', async () => {
  await project.up('--scale', 'worker=2', 'bot', 'worker', 'slack', 'app-01');
  [redis, bot, outsider] = (await Promise.all(['redis', 'bot', 'slack'].map(project.containersOf))).flat();
  workers = await project.containersOf('worker');
  expect(workers).toHaveLength(2);
  for (const container of [redis, bot, ...workers])
    await expect
      .poll(() => podman('healthcheck', 'run', container ?? '').then(() => 'healthy', String))
      .toBe('healthy');
});

it('answers a check: a worker with the key and the password logs in', async () => {
  slack = openOutsideSlack(`http://${await addressOf(outsider ?? '', 'default')}:4390`);
  expect(await slack.says('/tcp check app-01')).toMatchObject({ ok: true });
  expect((await slack.checked('app-01')).text).toMatch(/^app-01: (?!.*(?:could not|unknown))/);
});

it('gives the bot the tokens and no SSH key, the workers the key and no token, and none of it to a command line', async () => {
  const password = ['/run/secrets/redis_password'];
  const [botToken, appToken] = [['/run/secrets/slack_bot_token'], ['/run/secrets/slack_app_token']];
  expect(await holdersOf(bot ?? '', secrets)).toEqual({ password, botToken, appToken, key: [] });
  for (const worker of workers)
    expect(await holdersOf(worker, secrets)).toEqual({
      password,
      botToken: [],
      appToken: [],
      key: ['/keys/id_ed25519'],
    });
  expect(await holdersOf(redis ?? '', secrets)).toEqual({ password, botToken: [], appToken: [], key: [] });
});

it('shows no secret to who may look at containers and images', async () => {
  const shown = await Promise.all([
    podman('inspect', ...[redis, bot, ...workers].map(String)),
    podman('image', 'inspect', 'tcp-oncall'),
    podman('history', '--no-trunc', 'tcp-oncall'),
  ]);
  for (const secret of Object.values(secrets)) expect(shown.join('')).not.toContain(secret);
});

it('has a Redis that refuses who has no password', async () => {
  const ask = (...args: string[]) => podman('exec', workers[0] ?? '', 'redis-cli', '-h', 'redis', ...args);
  expect(await ask('ping')).toContain('NOAUTH');
  expect(await ask('-a', 'a-guess', 'ping')).toMatch(/WRONGPASS|NOAUTH/);
  expect(await ask('--no-auth-warning', '-a', secrets.password, 'ping')).toBe('PONG\n');
});

it('has that Redis on a network of its own, which no other container and no port reaches', async () => {
  const address = await addressOf(redis ?? '', 'redis');
  expect(await connectFrom(bot ?? '', address, 6379)).toBe('connected');
  expect(await connectFrom(outsider ?? '', address, 6379)).toMatch(/^E(TIMEDOUT|HOSTUNREACH|NETUNREACH)$/);
  const [{ NetworkSettings: seen }] = JSON.parse(await podman('inspect', redis ?? ''));
  expect(Object.keys(seen.Networks)).toEqual([`${NAME}_redis`]);
  expect(Object.values(seen.Ports).filter(Boolean)).toEqual([]);
  const routes = await readFile(`/proc/${await pidOf(redis ?? '')}/net/route`, 'utf8');
  expect(routes).not.toMatch(/^\S+\t00000000\t/m);
});

it('keeps the copy of the audit trail when the bot gets another container', async () => {
  const records = async () =>
    (await podman('exec', bot ?? '', 'cat', AUDIT).catch(() => '')).split('\n').filter(Boolean);
  await slack.says('/tcp freeze on');
  await expect.poll(records).toHaveLength(1);
  const before = await records();
  const [old] = JSON.parse(await podman('inspect', bot ?? ''));
  await project.up('--force-recreate', '--no-deps', '--scale', 'worker=2', 'bot');
  const [fresh] = JSON.parse(await podman('inspect', bot ?? ''));
  expect(fresh.Id).not.toBe(old.Id);
  expect(await records()).toEqual(before);
  await slack.says('/tcp freeze off');
  await expect.poll(records).toHaveLength(2);
  await podman('exec', bot ?? '', 'node', '/app/dist/src/main.js', 'audit', 'verify');
});

it('ends as told: the bot and the workers with status 0, well before they would be killed', async () => {
  await project.compose('stop', 'bot', 'worker');
  const states = await podman('inspect', '--format', '{{.State.ExitCode}}', bot ?? '', ...workers);
  expect(states.trim().split('\n')).toEqual(['0', '0', '0']);
});
