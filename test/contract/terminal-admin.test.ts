/** `tcp-oncall freeze` and `unlock` over a real Redis: who may, what is recorded, and by whose key. */
import { userInfo } from 'node:os';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeApproverKey } from '#change/signature.ts';
import { CARDS, QUEUE_PREFIX } from '#queue/names.ts';
import { VERSION } from '#store/record.ts';
import { openTerminal, type Site } from './terminal-place.ts';

const LOGIN = userInfo().username;
const bot = makeApproverKey();
const BOB = { surface: 'slack', id: 'U0BOB' };

let terminal: Awaited<ReturnType<typeof openTerminal>>;

beforeAll(async () => {
  terminal = await openTerminal({ admins: { users: ['U0BOB'], userGroups: ['S0SRE'] } });
});
afterAll(() => terminal?.close());
beforeEach(() => terminal.redis.flushall());

const run = (words: readonly string[], site?: Site) => terminal.run(words, site);
const by = (name: string) => ['--key', `${name}.pem`];
const listed = async () => JSON.parse((await run(['changes', '--json'])).stdout).freezes as readonly object[];

describe('freeze', () => {
  it('stops a group until --off, in the name of the key’s owner', async () => {
    const said = 'Changes frozen (web) until tcp-oncall freeze web --off.\n';
    expect(await run(['freeze', 'web', ...by('bob')])).toEqual({ status: 0, stdout: said, stderr: '' });
    expect(await listed()).toMatchObject([{ group: 'web', by: 'U0BOB' }]);
    expect(await run(['freeze', 'web', '--off', ...by('bob')])).toMatchObject({
      status: 0,
      stdout: 'Changes unfrozen (web).\n',
    });
    const actor = { surface: 'slack', id: 'U0BOB' };
    expect(await terminal.recorded()).toMatchObject([
      { event: 'freeze', actor, details: { group: 'web' } },
      { event: 'thaw', actor },
    ]);
  });

  it('is told to the channels of the configuration by the bot, also where nothing is open', async () => {
    await run(['freeze', ...by('bob')], { slack: { channels: { C0ONCALL: { language: 'ja' } } } });
    const queue = new Queue(CARDS, { connection: terminal.redis, prefix: QUEUE_PREFIX });
    const [task, ...more] = await queue.getJobs();
    await queue.close();
    const subject = { kind: 'freeze', on: true, group: '*', channel: 'C0ONCALL', language: 'ja' };
    expect([task?.name, task?.data, more]).toEqual([
      'tell-freeze',
      { version: VERSION, subject: { ...subject, by: BOB } },
      [],
    ]);
  });

  it('is of all hosts without a group, and by the login that the configuration maps', async () => {
    const changes = { logins: { [LOGIN]: 'U0BOB' } };
    expect(await run(['freeze', '--lang', 'ja'], { changes })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('tcp-oncall freeze --off'),
    });
    expect(await listed()).toMatchObject([{ group: '*', by: 'U0BOB' }]);
  });

  it.each<[string, readonly string[], object, RegExp]>([
    ['a person who is no admin', ['freeze', ...by('eve')], { admins: { users: ['U0BOB'] } }, /Only admins may do this/],
    ['who may be in a user group', ['freeze', ...by('eve')], {}, /Slack user groups.*Have U0EVE added under users/],
    ['nobody', ['freeze'], {}, /--key FILE.*changes\.logins: \{ .+: U… \}/],
    ['the owner of another key', ['freeze', '--user', 'U0BOB', ...by('eve')], {}, /belongs to U0EVE, not U0BOB/],
    [
      'a group that there is not',
      ['freeze', 'wbe', ...by('bob')],
      {},
      /no group "wbe".*Did you mean web\?.*tcp-oncall freeze is for all/,
    ],
    ['the end of what is not frozen', ['freeze', 'web', '--off', ...by('bob')], {}, /web is not frozen/],
    ['unlock by somebody else', ['unlock', 'web-01', ...by('eve')], {}, /Have U0EVE added/],
    ['unlock where nothing is locked', ['unlock', 'web-01', ...by('bob')], {}, /No change holds web-01/],
  ])('refuses %s, and records nothing', async (_, words, changes, said) => {
    expect(await run(words, { changes })).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(said) });
    expect([await listed(), await terminal.recorded()]).toEqual([[], []]);
  });
});

describe('where records must be signed', () => {
  const changes = { audit: { signers: [bot.publicKey] }, logins: { [LOGIN]: 'U0BOB' } };

  it('a key signs what its owner did, and a login needs the bot’s key', async () => {
    expect(await run(['freeze', 'web'], { changes })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('AUDIT_KEY_FILE'),
    });
    expect(await terminal.recorded({ changes })).toEqual([]);
    await run(['freeze', 'web', ...by('bob')], { changes });
    await run(['freeze', 'web', '--off'], { changes, auditKey: bot.privateKey });
    expect(await terminal.recorded({ changes })).toMatchObject([{ event: 'freeze' }, { event: 'thaw' }]);
    expect(await run(['audit', 'verify'], { changes })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('All records from 1 on are signed.'),
    });
  });
});
