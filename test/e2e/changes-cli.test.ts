/** Changes from the terminal: setting a host up, plans, an approval outside Slack, the record and what touches it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeApproverKey } from '#change/signature.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import { type PrivateRedis, startPrivateRedis } from '#store/private-redis.ts';
import { createChangePeople } from '../bot/change-people.ts';
import { exhaustPorts, POLICY } from '../bot/changes.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { words } from '../bot/seen.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';
import { cli, type Ended } from './cli-process.ts';

const HOST = 'web-01';
const TRAIL = '{tcp-oncall}:audit:trail';

let lab: Lab;
let slack: LocalSlack;
let redis: PrivateRedis;
let serve: ServeProcess | undefined;
let dir: string;
/** As the bot's, so that both know the same policy and keys. */
let config: string;
/** Signs the records, and Redis does not have it. */
const witness = makeApproverKey();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'changes-cli-'));
  [lab, slack, redis] = await Promise.all([
    openLab({ name: 'changescli', hosts: 3 }),
    startLocalSlack(),
    startPrivateRedis(dir),
  ]);
  await exhaustPorts(lab, HOST, 'db-01', 600);
});
afterAll(async () => {
  await serve?.stop();
  await Promise.all([slack?.stop(), redis?.stop(), lab?.close()]);
  await rm(dir, { recursive: true, force: true });
});

const run = (...words: string[]): Promise<Ended> =>
  cli([...words, '--config', config ?? lab.paths.config], { env: { REDIS_URL: redis.url } });

async function live(): Promise<string> {
  return (await lab.exec(HOST, ['cat', '/proc/sys/net/ipv4/tcp_tw_reuse'])).stdout.trim();
}

const NOT_SET_UP = `${HOST} is not set up for changes. Run tcp-oncall host-setup ${HOST}`;

describe('host-setup', () => {
  it('is named where it was never run, by what looks at the host', async () => {
    const planned = await run('plan', HOST, 'reuse-time-wait-ports', '--interval', '1s');
    expect(planned.stdout.replaceAll(/\s+/g, ' ')).toContain(NOT_SET_UP);
    const tested = await run('hosts', 'test', HOST);
    expect([tested.status, tested.stdout.replaceAll(/\s+/g, ' ')]).toEqual([0, expect.stringContaining(NOT_SET_UP)]);
  });

  it('prints a script that says what it does, and runs it over an administrator’s login', async () => {
    const printed = await run('host-setup', HOST);
    expect([printed.status, printed.stdout]).toEqual([0, expect.stringMatching(/\nhost_setup ops <.dev.null\n$/)]);
    expect((await run('host-setup', HOST, '--approver-keys')).stderr).toContain('changes.keys has 0');
    expect((await run('host-setup', HOST, '--apply')).stderr).toContain('--apply needs --as');
    expect((await run('host-setup', HOST, '--apply', '--as', 'guest')).status).toBe(3);
    for (const _ of ['once', 'again'])
      expect(await run('host-setup', HOST, '--apply', '--as', 'admin')).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('host-setup: done'),
      });
    const { stdout } = await lab.ssh(HOST, 'sudo -n /usr/local/sbin/tcp-oncall-helper 2 word history');
    expect(stdout).toBe('word state listed\n');
    expect((await run('hosts', 'test', HOST)).stdout).toContain('It is set up for changes: its helper is version ');
  });

  it('is named where the helper is older than a plan needs, and where the account may not run it', async () => {
    const helper = '/usr/local/sbin/tcp-oncall-helper';
    const root = (command: string) => lab.exec(HOST, ['sh', '-c', command]);
    const said = async () => {
      const { stdout } = await run('plan', HOST, 'reuse-time-wait-ports', '--interval', '1s');
      return stdout.replaceAll(/\s+/g, ' ');
    };
    await root(`cp -p ${helper} /root/helper; sed -i 's/^VERSION=.*/VERSION=1/' ${helper}`);
    expect(await said()).toContain('version 1; version 2 is required. Run tcp-oncall host-setup web-01');
    await root(`mv /root/helper ${helper}; mv /etc/sudoers.d/tcp-oncall-changes /root/rule`);
    expect(await said()).toMatch(/The account may not run the helper on web-01 \(sudo: .*tcp-oncall host-setup web-01/);
    await root('mv /root/rule /etc/sudoers.d/tcp-oncall-changes');
    expect(await said()).not.toContain('host-setup');
  });
});

describe('plan', () => {
  it('shows what would be written and why others are not offered, and writes nothing', async () => {
    const planned = await run('plan', HOST, '--interval', '1s');
    expect(planned.status).toBe(1);
    expect(planned.stdout).toMatch(/^Fixes for web-01\n[\s\S]*reuse-time-wait-ports, low[\s\S]*tcp_tw_reuse: 0 → 1/);
    // What concerns nothing that was found is a number; asked for by name, it says why.
    expect(planned.stdout).toMatch(/\d+ not applicable\./);
    expect(planned.stdout).not.toMatch(/disable-tw-recycle: /);
    const one = await run('plan', HOST, 'disable-tw-recycle', '--interval', '1s');
    expect(one).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^disable-tw-recycle: This kernel has no tcp_tw_recycle/),
    });
    expect(await live()).toBe('0');
    const json = await run('plan', HOST, 'reuse-time-wait-ports', '--json', '--interval', '1s');
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'tcp-oncall.plan/1', proposals: [{ kind: 'plan' }] });
    expect(await run('plan', HOST, 'reuse-time-wait')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Did you mean reuse-time-wait-ports'),
    });
  });
});

describe('approved outside Slack', () => {
  it('where the policy says so, Slack is not enough and a signature by the right key is', async () => {
    const key = join(dir, 'bob.pem');
    const made = await run('approver-key', '--key', key);
    expect(made.status).toBe(0);
    expect(await readFile(key, 'utf8')).toContain('PRIVATE KEY');
    expect((await run('approver-key', '--key', key)).status).toBe(2);
    const own = join(dir, 'alice.pem');
    const alice = await run('approver-key', '--key', own);
    const [rule] = POLICY.changes.rules;
    const changes = {
      ...POLICY.changes,
      rules: [{ ...rule, outsideSlack: true }],
      keys: { U0BOB: made.stdout.trim(), U0ALICE: alice.stdout.trim() },
      audit: { file: join(dir, 'audit.jsonl'), channel: 'C0RANDOM', signers: [witness.publicKey] },
    };
    config = join(dir, 'tcp-oncall.yaml');
    const hosts = parse(await readFile(lab.paths.config, 'utf8')) as object;
    await writeFile(config, stringify({ ...absolute(hosts), changes }));
    const strict = await run('host-setup', HOST, '--approver-keys', '2', '--break-glass');
    const approvers = Object.entries(changes.keys).map(([user, publicKey]) => ` --approver=${user}:${publicKey}`);
    expect(strict.stdout).toContain(`\nhost_setup --approvals=2 --break-glass${approvers.join('')} ops <`);
    const env = { REDIS_URL: redis.url, AUDIT_KEY: witness.privateKey, ...slackEnvironment(slack) };
    serve = await startServe({ hosts: config, env });
    await slack.until(({ connected }) => connected);
    const { stdout: examined } = await run('doctor');
    expect(examined.replaceAll(/\s+/g, ' ')).toContain(`ok ${HOST}: set up for changes, helper version `);
    expect(examined.replaceAll(/\s+/g, ' ')).toContain(
      'FAIL db-01 is not set up for changes. Run tcp-oncall host-setup',
    );
    const people = createChangePeople(slack, HOST, 'reuse-time-wait-ports');
    const change = await people.proposes('U0ALICE');
    const id = /Change ([a-z2-7]{8})/.exec(JSON.stringify(change.blocks))?.[1] ?? '';
    expect(await people.told('U0BOB', () => people.presses('U0BOB', change, 'change:approve'))).toContain(
      `tcp-oncall approve ${id}`,
    );
    const other = join(dir, 'other.pem');
    await run('approver-key', '--key', other);
    const approve = (...words: readonly string[]) => run('approve', id, ...words);
    const refused = (said: RegExp) => ({ status: 2, stderr: expect.stringMatching(said) });
    expect(await approve('--key', other, '--yes')).toMatchObject(refused(/is not under changes\.keys/));
    expect(await approve('--user', 'U0ALICE', '--key', key, '--yes')).toMatchObject(refused(/belongs to U0BOB/));
    // The same person on both surfaces.
    expect(await approve('--key', own, '--yes')).toMatchObject(refused(/other than the requester/));
    expect(await approve('--key', key)).toMatchObject(refused(/--yes/));

    const told = (text: string) => slack.snapshot().messages.some((each) => each.thread && words(each).includes(text));
    const said = (pattern: RegExp) =>
      slack.snapshot().messages.some((each) => !each.thread && each.onlyFor === null && pattern.test(words(each)));
    expect(await run('freeze', '--key', key)).toMatchObject({ status: 0 });
    await slack.until(() => told("this can't be approved until"));
    await slack.until(() => said(/Changes frozen \(all hosts\): nothing new is approved/));
    expect(await approve('--key', key, '--yes')).toMatchObject(refused(/frozen/));
    expect(await run('freeze', '--off', '--key', key)).toMatchObject({ status: 0 });
    await slack.until(() => told('Changes unfrozen') && said(/Changes unfrozen \(all hosts\) by/));
    expect(await live()).toBe('0');
    expect(await approve('--key', key, '--yes')).toMatchObject({ status: 0 });
    await people.until('on trial');
    expect(await live()).toBe('1');
    await people.presses('U0BOB', people.newest(), 'change:revert');
    await people.until('reverted');
    expect((await run('changes')).stdout).toMatch(new RegExp(`${id}[\\s\\S]*reuse[\\s\\S]*reverted`));
  });

  it('a fix is asked for, kept and taken back from the terminal alone, and Slack shows it', async () => {
    const [alice, bob] = [join(dir, 'alice.pem'), join(dir, 'bob.pem')];
    const people = createChangePeople(slack, HOST, 'reuse-time-wait-ports');
    await people.checks('U0ALICE');
    async function act(...words: readonly string[]): Promise<string> {
      const { stdout, stderr } = await run(...words, '--yes', '--json');
      if (stdout === '') throw new Error(stderr);
      return (JSON.parse(stdout) as { readonly change: { readonly id: string } }).change.id;
    }
    const asked = await act('propose', HOST, 'reuse-time-wait-ports', '--reason', 'checkout fails', '--key', alice);
    await people.until('waiting for approval');
    await act('approve', asked, '--key', bob);
    await people.until('on trial');
    await act('keep', asked, '--key', bob);
    await people.until('kept');
    expect(await live()).toBe('1');
    const back = await act('revert', asked, '--key', alice);
    await people.until('revert waiting for approval');
    await act('approve', back, '--key', bob);
    await people.until('reverted');
    expect(await live()).toBe('0');
  });
});

/** The lab's paths are relative to its own configuration. */
function absolute(hosts: object): object {
  const base = lab.paths.config.replace(/[^/]*$/, '');
  return JSON.parse(JSON.stringify(hosts).replaceAll('"./', `"${base}`)) as object;
}

async function rewrite(file: string, from: string, to: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
}

describe('the record', () => {
  it('is whole, is exported, and shows who touched it', async () => {
    const posted = (text: string) => slack.snapshot().messages.some((message) => words(message).includes(text));
    await slack.until(() => posted('undone'));
    expect(posted('propose')).toBe(true);
    expect(await run('audit', 'verify')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /the chain is intact\. All records from 1 on are signed\.[\s\S]*audit\.jsonl: [0-9]+ records; they match the trail/,
      ),
    });
    const exported = await run('audit', 'export');
    const records = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; actor: unknown });
    expect(records.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['propose', 'approve', 'start', 'done', 'wish', 'undone']),
    );
    expect((await run('audit', 'export', '--format', 'csv')).stdout.split('\n')[0]).toMatch(/^seq,at,change,host/);
    expect((await run('audit', 'export', '--since', '2030-01-01T00:00:00Z')).stdout).toBe('');
    await serve?.stop();
    serve = undefined;
    const store = new Redis(redis.url.replace(/^unix:\/\//, ''));
    try {
      const [third] = (await store.xrange(TRAIL, '-', '+', 'COUNT', 3)).slice(2);
      if (third === undefined) throw new Error('Too few records.');
      await store.xdel(TRAIL, third[0]);
    } finally {
      store.disconnect();
    }
    expect(await run('audit', 'verify')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/breaks at record 3/),
    });
    await rewrite(join(dir, 'audit.jsonl'), 'checkout fails', 'nothing is wrong');
    expect((await run('audit', 'verify')).stdout).toMatch(/audit\.jsonl: .*breaks at record 1: it was changed/);
    await writeFile(join(dir, 'audit.jsonl'), '');
    expect(await run('audit', 'verify')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/audit\.jsonl: 0 of \d+ records: the copy is short/),
    });
  });

  it('policy test shows who may do what', async () => {
    const shown = await run('policy', 'test', HOST);
    expect(shown.stdout).toMatch(/web-01\s+low, .*any member\s+1 of U0BOB/);
  });
});
