/** `tcp-oncall freeze` and `unlock` over a real Redis: who may, what is recorded, and by whose key. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { makeApproverKey } from '#change/signature.ts';
import { openChangeTools } from '#serve/open-change-tools.ts';
import { KINDS } from '../bot/change-samples.ts';
import { cliHere } from '../cli-here.ts';
import { openRedisPlace } from './redis-place.ts';

const LOGIN = userInfo().username;
const [bob, eve, bot] = [makeApproverKey(), makeApproverKey(), makeApproverKey()];

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let dir: string;

beforeAll(async () => {
  place = await openRedisPlace();
  dir = await mkdtemp(join(tmpdir(), 'terminal-admin-'));
  await writeFile(join(dir, 'bob.pem'), bob.privateKey);
  await writeFile(join(dir, 'eve.pem'), eve.privateKey);
});
afterAll(async () => {
  await place?.close();
  await rm(dir, { recursive: true });
});
beforeEach(() => place.redis.flushall());

interface Site {
  readonly changes?: object;
  readonly auditKey?: string;
}

/** Bob and a group are admins; Bob and Eve have keys. */
async function run(words: readonly string[], { changes = {}, auditKey }: Site = {}) {
  const config = join(dir, 'tcp-oncall.yaml');
  const hosts = { 'web-01': { address: '127.0.0.1', groups: ['web'] } };
  const admins = { users: ['U0BOB'], userGroups: ['S0SRE'] };
  const keys = { U0BOB: bob.publicKey, U0EVE: eve.publicKey };
  await writeFile(config, stringify({ hosts, changes: { admins, keys, ...changes } }));
  const secrets = { REDIS_URL: `unix://${place.redis.options.path}`, AUDIT_KEY: auditKey };
  const placed = words.map((word) => (word.endsWith('.pem') ? join(dir, word) : word));
  return cliHere([...placed, '--config', config], { openChanges: openChangeTools.bind(undefined, secrets, KINDS) });
}

/** `NAME.pem` is where the keys are. */
const by = (name: string) => ['--key', `${name}.pem`];
const listed = async () => JSON.parse((await run(['changes', '--json'])).stdout).freezes as readonly object[];
const recorded = async (changes = {}) => {
  const { stdout } = await run(['audit', 'export'], { changes });
  return stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as object);
};

describe('freeze', () => {
  it('stops a group until --off, in the name of the key’s owner', async () => {
    const said = 'Changes are frozen (web) until tcp-oncall freeze web --off.\n';
    expect(await run(['freeze', 'web', ...by('bob')])).toEqual({ status: 0, stdout: said, stderr: '' });
    expect(await listed()).toMatchObject([{ group: 'web', by: 'U0BOB' }]);
    expect(await run(['freeze', 'web', '--off', ...by('bob')])).toMatchObject({
      status: 0,
      stdout: 'Changes are possible again (web).\n',
    });
    const actor = { surface: 'slack', id: 'U0BOB' };
    expect(await recorded()).toMatchObject([
      { event: 'freeze', actor, details: { group: 'web' } },
      { event: 'thaw', actor },
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
    ['a person who is no admin', ['freeze', ...by('eve')], { admins: { users: ['U0BOB'] } }, /You may not do this/],
    ['who may be in a user group', ['freeze', ...by('eve')], {}, /Slack user groups.*have U0EVE added under users/],
    ['nobody', ['freeze'], {}, /--key FILE.*changes\.logins: \{ .+: U… \}/],
    ['the owner of another key', ['freeze', '--user', 'U0BOB', ...by('eve')], {}, /belongs to U0EVE, not to U0BOB/],
    ['a group that there is not', ['freeze', 'wbe', ...by('bob')], {}, /no group "wbe".*Did you mean web\?/],
    ['the end of what is not frozen', ['freeze', 'web', '--off', ...by('bob')], {}, /web is not frozen/],
    ['unlock by somebody else', ['unlock', 'web-01', ...by('eve')], {}, /have U0EVE added/],
    ['unlock where nothing is locked', ['unlock', 'web-01', ...by('bob')], {}, /No change has web-01/],
  ])('refuses %s, and records nothing', async (_, words, changes, said) => {
    expect(await run(words, { changes })).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(said) });
    expect([await listed(), await recorded()]).toEqual([[], []]);
  });
});

describe('where records must be signed', () => {
  const changes = { audit: { signers: [bot.publicKey] }, logins: { [LOGIN]: 'U0BOB' } };

  it('a key signs what its owner did, and a login needs the bot’s key', async () => {
    expect(await run(['freeze', 'web'], { changes })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('AUDIT_KEY_FILE'),
    });
    expect(await recorded(changes)).toEqual([]);
    await run(['freeze', 'web', ...by('bob')], { changes });
    await run(['freeze', 'web', '--off'], { changes, auditKey: bot.privateKey });
    expect(await recorded(changes)).toMatchObject([{ event: 'freeze' }, { event: 'thaw' }]);
    expect(await run(['audit', 'verify'], { changes })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Each record from 1 on is signed.'),
    });
  });
});
