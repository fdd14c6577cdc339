/** The bot as a process: it starts or says in one sentence why not, says whether it is ready, traces, and ends well. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { freePort } from '#lab/free-port.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import { startPrivateRedis } from '#store/private-redis.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { startServe } from '../bot/serve-process.ts';
import { cli } from './cli-process.ts';

let lab: Lab;
let slack: LocalSlack;

beforeAll(async () => {
  [lab, slack] = await Promise.all([openLab({ name: 'serve', hosts: 1 }), startLocalSlack()]);
});
afterAll(async () => {
  await Promise.all([lab.close(), slack.stop()]);
});

const type = (text: string) => slack.act('U0ALICE', { kind: 'type', channel: 'C0ONCALL', text });

describe('serve', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['no token', {}, /^.*SLACK_BOT_TOKEN is not set: .* docs\/slack\.md walks through it\.\n/m],
    [
      'a wrong token',
      { SLACK_BOT_TOKEN: 'xoxb-wrong', SLACK_APP_TOKEN: 'xapp-x' },
      /Slack does not take SLACK_BOT_TOKEN: .*invalid_auth/,
    ],
    [
      'a Redis address that is none',
      { SLACK_BOT_TOKEN: 'xoxb-x', SLACK_APP_TOKEN: 'xapp-x', REDIS_URL: 'cache:6379' },
      /REDIS_URL has none of these forms: redis:\/\//,
    ],
    [
      'a secret file that is not there',
      { SLACK_BOT_TOKEN_FILE: '/nonexistent' },
      /SLACK_BOT_TOKEN_FILE names \/nonexistent, which cannot be read \(ENOENT\)\./,
    ],
  ])('%s: one sentence and status 2', async (_, env, said) => {
    const args = ['serve', '--config', lab.paths.config, '--listen', '127.0.0.1:0'];
    const { status, stderr } = await cli(args, { env: { SLACK_API_URL: slack.apiUrl, HOME: lab.paths.dir, ...env } });
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/xoxb-wrong|at .*\.ts:/);
    // What this process can see by itself is seen before it starts anything.
    expect(stderr.includes('started a Redis')).toBe(stderr.includes('Slack does not take'));
    expect(status).toBe(2);
  });

  it('is ready, traces what it queues, writes no secret, and ends with status 0', async () => {
    const traced: string[] = [];
    const collector = createServer((request, response) => {
      traced.push(request.url ?? '');
      request.resume().on('end', () => response.end('{}'));
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const env = { ...slackEnvironment(slack), OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, LOG_LEVEL: 'debug' };
    const bot = await startServe({ hosts: lab.paths.config, env });
    const ready = await fetch(`${bot.url}/readyz`);
    expect(await ready.json()).toEqual({ ready: true, checks: { redis: 'ok', slack: 'ok', worker: 'ok' } });
    await type('/tcp check web-01 for 1s');
    await slack.until(({ messages }) => messages.some(({ thread }) => thread !== null));
    expect(await bot.stop()).toBe(0);
    collector.close();
    expect(traced).toContain('/v1/traces');
    const written = bot.output();
    for (const token of Object.values(slack.tokens)) expect(written).not.toContain(token);
    const runs = [...written.matchAll(/"run":"([a-z2-7]{8})"/g)].map(([, run]) => run);
    expect(new Set(runs).size).toBe(1);
    expect(written).toMatch(/"user":"U0ALICE","action":"\/tcp check","host":"web-01","msg":"asked"/);
    expect(written).toMatch(/"msg":"check requested"[\s\S]*"msg":"check ends"/);
  });

  it('uses new hosts and changed addresses after SIGHUP, and keeps the old ones when the file is broken', async () => {
    const bot = await startServe({ hosts: lab.paths.config, env: slackEnvironment(slack) });
    const usual = parse(await readFile(bot.config, 'utf8')) as { hosts: Record<string, object> };
    const web = usual.hosts['web-01'] ?? {};
    const hangUp = async (text: string, said: RegExp) => {
      const before = bot.output().split(said).length;
      await writeFile(bot.config, text);
      process.kill(bot.pid, 'SIGHUP');
      await expect.poll(() => bot.output().split(said).length).toBe(before + 1);
    };
    const check = async (host: string, ended: RegExp) => {
      const from = bot.output().length;
      await type(`/tcp check ${host} for 1s`);
      await expect.poll(() => bot.output().slice(from)).toMatch(/"msg":"check ends"/);
      await slack.until(({ messages }) => messages.some(({ thread, text }) => thread === null && ended.test(text)));
    };
    await check('web-01', /web-01: (?:nothing|\d)/);

    const elsewhere = { ...web, address: '127.0.0.1', port: 1 };
    const moved = { ...usual, hosts: { 'web-01': elsewhere, 'web-77': web }, reports: { keep: '9d' } };
    await hangUp(stringify(moved), /read the hosts again/);
    expect(bot.output()).toMatch(/"sections":"reports","msg":"changed, but used only after a restart"/);
    // The connection to the old address is still open, and is not used for the new one.
    await check('web-01', /web-01: could not be checked/);
    await check('web-77', /web-77: (?:nothing|\d)/);

    await hangUp('hosts: {web-01: {adress: 10.0.0.1}}\n', /the hosts cannot be read again; the old ones stay/);
    const [line] = bot.output().match(/.*the hosts cannot be read again.*/) ?? [];
    expect(JSON.parse(line ?? '')).toMatchObject({ why: expect.stringMatching(/line 1.*address/) });
    expect(line).not.toContain('stack');
    await check('web-77', /web-77: (?:nothing|\d)/);
    expect(await bot.stop()).toBe(0);
  });

  it('told to end while it waits for Redis or for Slack, it ends at once', async () => {
    const port = await freePort();
    for (const [env, interruptAt] of [
      [{ REDIS_URL: `redis://127.0.0.1:${port}` }, /"msg":"Redis is away"/],
      [{ SLACK_API_URL: `http://127.0.0.1:${port}/api/` }, /"from":"bolt"/],
    ] as const) {
      const args = ['serve', '--config', lab.paths.config, '--listen', '127.0.0.1:0'];
      const { status, stderr, endedWithinMs } = await cli(args, {
        env: { ...slackEnvironment(slack), HOME: lab.paths.dir, ...env },
        interruptAt,
      });
      // Redis is waited for 30 s, Slack asked four times over 7 s; a machine with load takes some hundred milliseconds.
      expect(endedWithinMs).toBeLessThan(4000);
      expect(stderr).toMatch(/ending: told to while starting/);
      expect(status).toBe(0);
    }
  });

  it('says once that Redis went and once that it is back, and is not ready without a worker', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'serve-redis-'));
    let redis = await startPrivateRedis(dir);
    const env = { ...slackEnvironment(slack), REDIS_URL: redis.url };
    const worker = await startServe({ hosts: lab.paths.config, env, roles: 'worker,web' });
    const bot = await startServe({ hosts: lab.paths.config, env, roles: 'slack,web' });
    try {
      await redis.stop();
      await expect.poll(bot.output).toMatch(/"msg":"Redis is away"/);
      await type('/tcp check web-01');
      await expect
        .poll(bot.output)
        .toMatch(/"action":"\/tcp check","host":"web-01","msg":"not done: Redis does not answer"/);
      redis = await startPrivateRedis(dir);
      for (const { output } of [bot, worker])
        await expect.poll(output).toMatch(/"seconds":[\d.]+,"msg":"Redis is back"/);
      await expect.poll(async () => (await fetch(`${bot.url}/readyz`)).status).toBe(200);
      for (const { output } of [bot, worker]) {
        expect(output().match(/"msg":"Redis is (?:away|back)"/g)).toHaveLength(2);
        expect(output()).not.toContain('"stack"');
      }
      const store = new Redis(redis.url.replace('unix://', ''));
      const WAIT = '{tcp-oncall}:checks:wait';
      await store.set(WAIT, 'x');
      const checks = async () => ((await (await fetch(`${bot.url}/readyz`)).json()) as { checks: object }).checks;
      await expect.poll(checks).toMatchObject({
        redis: `${WAIT} is a string and has to be a list: docs/operating.md says what to do (Redis)`,
      });
      await type('/tcp check web-01');
      const refused = await slack.until(({ messages }) => messages.some(({ text }) => text.includes(WAIT)));
      expect(refused.messages.at(-1)?.text).toMatch(
        /is a string, and has to be a list, so nothing was started: .*doctor/,
      );
      await store.del(WAIT);
      store.disconnect();
      await expect.poll(async () => (await fetch(`${bot.url}/readyz`)).status).toBe(200);
      for (const { output } of [bot, worker]) expect(output()).not.toContain('"stack"');
      expect(await worker.stop()).toBe(0);
      const unready = async () => ((await (await fetch(`${bot.url}/readyz`)).json()) as { checks: object }).checks;
      await expect.poll(unready).toMatchObject({ workers: expect.stringMatching(/none is connected: start one/) });
      expect((await fetch(`${bot.url}/readyz`)).status).toBe(503);
    } finally {
      await Promise.all([worker.kill(), bot.kill()]);
      await redis.stop();
      await rm(dir, { recursive: true });
    }
  });

  it('two in one state directory: the second is refused', async () => {
    const bot = await startServe({ hosts: lab.paths.config, env: slackEnvironment(slack) });
    const second = startServe({
      hosts: lab.paths.config,
      env: slackEnvironment(slack),
      config: { stateDir: bot.stateDir },
    });
    await expect(second).rejects.toThrow(/Another tcp-oncall serve uses .*: stop it/);
    expect(await bot.stop()).toBe(0);
  });
});

describe('doctor', () => {
  const doctor = (env: Record<string, string>, ...more: string[]) =>
    cli(['doctor', '--config', lab.paths.config, ...more], { env: { SLACK_API_URL: slack.apiUrl, ...env } });

  it('finds everything in order, and says what it could not check', async () => {
    const { status, stdout } = await doctor(slackEnvironment(slack));
    expect(stdout).toMatch(/ok {4}Slack takes SLACK_BOT_TOKEN: tcp-oncall in Lab\.\nok {4}The token has all 7 scopes/);
    expect(stdout).toMatch(/ok {4}web-01: ops is let in/);
    expect(stdout).toMatch(/-- {4}REDIS_URL is not set/);
    expect(status).toBe(0);
  });

  it('says what to fix, in Japanese too, with status 1, and never a token', async () => {
    const env = { SLACK_BOT_TOKEN: 'xoxb-wrong-token', REDIS_URL: 'redis://:hunter22@127.0.0.1:1' };
    const english = await doctor(env);
    expect(english.stdout).toMatch(/FAIL {2}Slack does not take SLACK_BOT_TOKEN \(invalid_auth\)\.\n {6}-> /);
    expect(english.stdout).toMatch(/FAIL {2}SLACK_APP_TOKEN is not set\./);
    expect(english.stdout).toMatch(/FAIL {2}Redis: .*ECONNREFUSED/);
    expect(english.status).toBe(1);
    const japanese = await doctor(env, '--lang', 'ja');
    expect(japanese.stdout).toMatch(/要対応 {2}Slack が SLACK_BOT_TOKEN を受け付けません/);
    expect(english.stdout + english.stderr + japanese.stdout).not.toMatch(/xoxb-wrong-token|hunter22/);
  });

  it('says the same as one JSON document', async () => {
    const { stdout } = await doctor(slackEnvironment(slack), '--json');
    const found = JSON.parse(stdout) as readonly { subject: string; kind: string; message: string }[];
    expect(found.find(({ subject }) => subject === 'bot-token')).toMatchObject({ kind: 'fine' });
    expect(found.every(({ message }) => message.length > 0)).toBe(true);
  });
});
