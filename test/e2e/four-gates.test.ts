/** A kind of change with four gates on two hosts, from Slack and from the terminal: nothing of it is in the product. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '#app/new-id.ts';
import { propose } from '#app/propose.ts';
import { makeApproverKey } from '#change/signature.ts';
import { loadConfig } from '#config.ts';
import { type Host, parseHostName, SSH2 } from '#domain/host.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import type { Message, Snapshot } from '#local-slack/snapshot.ts';
import { openChangeTools } from '#serve/open-change-tools.ts';
import { createPool } from '#ssh/pool.ts';
import { type PrivateRedis, startPrivateRedis } from '#store/private-redis.ts';
import { changeCards } from '../bot/change-people.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { FOUR_GATES_KIND } from '../bot/four-gates/kind.ts';
import { WITH_FOUR_GATES } from '../bot/four-gates/loader.ts';
import { buttonsOf, words } from '../bot/seen.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';
import { cliHere } from '../cli-here.ts';
import type { Ended } from './cli-process.ts';

const MAIN = fileURLToPath(new URL('../bot/four-gates/main.ts', import.meta.url));
const [ALICE, BOB] = ['U0ALICE', 'U0BOB'];
const ONCALL = 'C0ONCALL';

let lab: Lab;
let slack: LocalSlack;
let redis: PrivateRedis;
let bot: ServeProcess;
let dir: string;
const [alice, bob] = [makeApproverKey(), makeApproverKey()];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'four-gates-'));
  await writeFile(join(dir, 'alice.pem'), alice.privateKey);
  await writeFile(join(dir, 'bob.pem'), bob.privateKey);
  [lab, slack, redis] = await Promise.all([
    openLab({ name: 'fourgates', hosts: 3 }),
    startLocalSlack(),
    startPrivateRedis(dir),
  ]);
  const rules = [{ groups: ['*'], ask: 'members', approve: { users: [ALICE, BOB] }, expires: '30m', revert: '10m' }];
  bot = await startServe({
    hosts: lab.paths.config,
    config: { changes: { rules, keys: { [ALICE]: alice.publicKey, [BOB]: bob.publicKey } } },
    env: { REDIS_URL: redis.url, ...slackEnvironment(slack) },
    node: ['--import', 'tsx'],
    program: MAIN,
  });
  await slack.until(({ connected }) => connected);
});
afterAll(async () => {
  await bot?.stop();
  await Promise.all([slack?.stop(), redis?.stop(), lab?.close()]);
  await rm(dir, { recursive: true, force: true });
});

async function tools() {
  const loaded = await loadConfig({ path: bot.config, cwd: dir, home: dir });
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded));
  const { config } = loaded;
  const secrets = { REDIS_URL: redis.url, AUDIT_KEY: undefined };
  const opened = await openChangeTools(secrets, await WITH_FOUR_GATES.kinds(), config, { sign: null });
  return { config, ...opened };
}

/** With the key it answers with. */
async function seen(name: string) {
  const pool = createPool({ knownHosts: [lab.paths.knownHosts] });
  const login = { address: lab.host(name).address, port: 22, user: 'ops', identityFiles: [lab.paths.identity] };
  const host: Host = { name: parseHostName(name) as Host['name'], groups: [], jump: [], transport: SSH2, ...login };
  const command = { input: { kind: 'argv', argv: ['true'] }, deadlineMs: 20_000, maxBytes: 1000 } as const;
  const { hostKey } = await pool.run(host, command);
  await pool.close();
  return { host: name, hostKey };
}

let serial = 0;

/** As a surface of this kind would. */
async function asks(host: string, builder: string): Promise<string> {
  await using opened = await tools();
  const { store, queue, announce, config } = opened;
  const kinds = await WITH_FOUR_GATES.kinds();
  const proposed = await propose(
    {
      kind: FOUR_GATES_KIND,
      plan: { host, builder, risk: 'low', what: 'hello-1.0' } as never,
      run: newId(`check of ${host}`),
      hosts: { builder: await seen(builder), target: await seen(host) },
      reverts: null,
      unready: null,
    },
    {
      key: `asks ${++serial}`,
      requester: { surface: 'slack', id: ALICE },
      person: { id: ALICE, userGroups: [] },
      revertMinutes: null,
      reason: 'peers carry no timestamps',
      breakGlass: false,
      card: { place: { channel: ONCALL, thread: null }, language: 'en' },
    },
    { ...store, kinds, queue, announce, policy: config.changes.policy, groupsOf: () => [], now: () => new Date() },
  );
  if (proposed.kind === 'refused') throw new Error(proposed.why);
  return proposed.change.id;
}

const terminal = (...args: string[]) => terminalOf('bob', ...args);

async function terminalOf(owner: 'alice' | 'bob', ...args: string[]): Promise<Ended> {
  const secrets = { REDIS_URL: redis.url, AUDIT_KEY: undefined };
  const kinds = await WITH_FOUR_GATES.kinds();
  const key = args[0] === 'changes' || args[0] === 'audit' ? [] : ['--key', join(dir, `${owner}.pem`), '--yes'];
  return cliHere([...args, ...key, '--config', bot.config], {
    kinds: WITH_FOUR_GATES,
    openChanges: (config, writer) => openChangeTools(secrets, kinds, config, writer),
  });
}

const cardIn = (id: string, now: Snapshot) =>
  changeCards(now).findLast((card) => JSON.stringify(card.blocks).includes(id)) as Message;
const card = (id: string) => cardIn(id, slack.snapshot());
const untilCard = (id: string, says: string) => slack.until((now) => cardIn(id, now)?.text.includes(says), 120_000);
const shows = (id: string, text: string, now: Snapshot) => words(cardIn(id, now)).includes(text);
const told = (id: string) => slack.snapshot().messages.filter(({ thread }) => thread === card(id).ts);

async function presses(user: string, id: string, actionId: string): Promise<void> {
  const { channel, ts: message } = card(id);
  await slack.act(user, { kind: 'press', at: { channel, message }, actionId });
}

it('passes each gate, waits for the host of another change, is kept, and is taken back', async () => {
  const id = await asks('web-01', 'db-01');
  await untilCard(id, 'a build waits for approval');
  expect(words(card(id))).toMatch(/hello-1\.0.*db-01 → web-01/);
  await presses(ALICE, id, 'change:approve');
  await presses(BOB, id, 'change:approve');
  await untilCard(id, 'being built');
  const second = await asks('api-01', 'db-01');
  await untilCard(second, 'a build waits for approval');
  await presses(BOB, second, 'change:approve');
  await expect.poll(() => told(second).map(words).join('\n')).toContain(id);
  await untilCard(id, 'the installation waits for approval');
  await untilCard(second, 'the installation waits for approval');

  // An approval of the build is none of the installation.
  expect((await terminal('keep', id)).stderr).toMatch(/not approved yet|waits/i);
  const installed = await terminal('approve', id);
  expect([installed.status, installed.stderr]).toEqual([0, expect.stringMatching(/artefact [0-9a-f]{64}/)]);
  await untilCard(id, 'the boot waits for approval');
  await presses(BOB, id, 'change:approve');
  await untilCard(id, 'booted, on trial');
  expect(buttonsOf(card(id))).toEqual(expect.arrayContaining(['change:keep', 'change:revert', 'change:extend']));
  expect((await terminal('keep', id)).status).toBe(0);
  await untilCard(id, 'kept');

  const asked = await terminal('revert', id);
  expect([asked.status, asked.stderr]).toEqual([0, expect.any(String)]);
  const [back] = JSON.parse((await terminal('changes', 'web-01', '--json')).stdout).changes;
  expect((await terminal('approve', back.id)).stderr).toMatch(/other than the requester/);
  expect((await terminalOf('alice', 'approve', back.id)).status).toBe(0);
  const ended = async () => (await terminal('changes', 'web-01')).stdout;
  await expect.poll(ended).toMatch(/runs what it ran before/);
}, 240_000);

it('shows how far its build is on the card and on the terminal, until it is built', async () => {
  const id = await asks('web-01', 'db-01');
  const hold = `/tmp/four-gates-${id}-builder/hold`;
  await lab.exec('db-01', ['sh', '-c', `mkdir -m 777 "$(dirname ${hold})" && : >${hold}`]);
  await untilCard(id, 'a build waits for approval');
  await presses(BOB, id, 'change:approve');
  // At once what the build began with, and then what the host says when it is asked again.
  for (const step of ['0/3', '1/3']) await slack.until((now) => shows(id, `Progress: ${step}`, now), 60_000);
  const { stdout } = await terminal('changes', id);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('being built; holds db-01');
  expect(stdout).toContain(`\n${id}  Progress: 1/3\n`);
  expect(JSON.parse((await terminal('changes', id, '--json')).stdout)).toMatchObject({ progress: { [id]: '1/3' } });
  await lab.exec('db-01', ['rm', hold]);
  await untilCard(id, 'the installation waits for approval');
  expect(words(card(id))).not.toContain('Progress');
  expect((await terminal('changes', id)).stdout).not.toContain('Progress');
  expect((await terminal('audit', 'export')).stdout).not.toContain('1/3');
}, 240_000);

it('goes back by itself when nobody keeps it, and its builder never had anything to undo', async () => {
  const id = await asks('db-01', 'api-01');
  for (const [gate, waits] of [
    ['build', 'the installation waits'],
    ['install', 'the boot waits'],
    ['boot', 'booted, on trial'],
  ] as const) {
    expect([gate, (await terminal('approve', id)).status]).toEqual([gate, 0]);
    await untilCard(id, waits);
  }
  await presses(BOB, id, 'change:revert');
  await untilCard(id, 'runs what it ran before');
  const trail = await terminal('audit', 'verify');
  expect(trail.status).toBe(0);
}, 240_000);
