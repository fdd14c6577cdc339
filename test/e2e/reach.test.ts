/** Every kind of host that ssh reaches, checked from the terminal and from Slack; and those that nothing reaches, with what is to be done. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import type { Message, Snapshot } from '#local-slack/snapshot.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { cardsOf, hasEnded, words } from '../bot/seen.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';
import { cliHere } from '../cli-here.ts';
import { cli, type Ended } from './cli-process.ts';
import { openReachSite, type ReachSite } from './reach-site.ts';
import { expectSaid } from './said.ts';

let site: ReachSite;
let slack: LocalSlack;
let bot: ServeProcess;

beforeAll(async () => {
  [site, slack] = await Promise.all([openReachSite(), startLocalSlack()]);
  const env = { ...slackEnvironment(slack), SSH_AUTH_SOCK: site.agents.certificate };
  bot = await startServe({ hosts: site.config, env });
});
afterAll(async () => {
  await bot?.stop();
  await Promise.all([slack?.stop(), site?.close()]);
});

const check = (host: string, ...more: readonly string[]) =>
  cliHere(['check', host, '1s', '--config', site.config, ...more]);
const withAgent = (socket: string, ...args: readonly string[]) =>
  cli([...args, '--config', site.config], { env: { SSH_AUTH_SOCK: socket } });

const withoutSsh = (...args: readonly string[]) =>
  cli([...args, '--config', site.config], { env: { PATH: site.noPrograms } });

/** A whole check: nothing was in its way, whatever it found. */
function expectChecked(host: string, { stdout, stderr, status }: Ended): void {
  expect({ host, stderr }).toEqual({ host, stderr: '' });
  expect([0, 1]).toContain(status);
  expect(stdout).toMatch(new RegExp(`^${host}: `));
}

const REACHED = [
  'user-certificate',
  'certificate-file',
  'host-certificate',
  'both',
  'behind',
  'behind-ours',
  'principal',
  'proxied',
  'proxied-shell',
  'proxied-ssh2',
  'by-ansible',
  'ten-keys',
] as const;

describe('a host that ssh reaches is checked', () => {
  it.concurrent.each(REACHED)('from the terminal: %s', async (host) => expectChecked(host, await check(host)));

  it.concurrent('from the terminal, by the certificate in the agent', async () => {
    expectChecked('agent-certificate', await withAgent(site.agents.certificate, 'check', 'agent-certificate', '1s'));
  });

  it.concurrent('from the terminal, past the ten keys of the agent', async () => {
    expectChecked('proxied-ssh2', await withAgent(site.agents.ten, 'check', 'proxied-ssh2', '1s'));
  });

  it.concurrent('from Slack, each of them', async () => {
    const hosts = [...REACHED, 'agent-certificate'];
    for (const host of hosts)
      await slack.act('U0ALICE', { kind: 'type', channel: 'C0ONCALL', text: `/tcp check ${host} for 1s` });
    const seen = await slack.until((now) => hosts.every((host) => cardsOf(host, now).some(hasEnded)));
    for (const host of hosts)
      expect(words(cardsOf(host, seen).find(hasEnded) as Message)).toMatch(/Ruled out: \d+ of \d+/);
  });
});

describe('hosts test names the transport, why it is that one, and what let us in', () => {
  it.concurrent.each<[string, string, RegExp]>([
    [
      'both',
      'en',
      /By openssh, because it asks for -cert\.pub, @cert-authority, with publickey \(the certificate of \S+\)\./,
    ],
    ['by-ansible', 'en', /By openssh, because it asks for ProxyCommand, with publickey/],
    ['proxied', 'ja', /opensshで接続しました（ProxyCommandが必要なため）。認証:publickey\(\S+\/plain\)。/],
    ['proxied-ssh2', 'en', /By ssh2, with publickey \(\S+\/plain\)\./],
  ])('%s, %s', async (host, lang, said) => {
    const { stdout, stderr, status } = await cliHere(['hosts', 'test', host, '--config', site.config, '--lang', lang]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout.replaceAll(/\s+/g, lang === 'ja' ? '' : ' ')).toMatch(said);
  });

  it.concurrent('a certificate in the agent', async () => {
    const { stdout } = await withAgent(site.agents.certificate, 'hosts', 'test', 'agent-certificate');
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /because it asks for ssh-agent certificate, with publickey \(the certificate of .* in the agent\)/,
    );
  });
});

describe('a host that nothing reaches says what is missing', () => {
  const CERTIFICATE =
    /did not let root in: it accepted none of .*the certificate of[\s\S]*ssh-keygen -L -f[\s\S]*TrustedUserCAKeys/;

  it.concurrent.each<[string, string, RegExp]>([
    ['strange-ca', 'authentication-failed', CERTIFICATE],
    ['expired', 'authentication-failed', /did not let root in[\s\S]*ssh-keygen -L -f/],
    ['other-principal', 'authentication-failed', CERTIFICATE],
    ['strange-host-ca', 'host-key-unknown', /host key of strange-host-ca is not known/],
    ['dies', 'proxy-failed', /dies cannot be reached: the ProxyCommand ended .*no session for you\.\n.*ssh -v dies/],
    [
      'asks',
      'authentication-failed',
      /asks did not let root in: .*it takes only password.*\nPasswords and codes are never/,
    ],
    [
      'asks-openssh',
      'authentication-failed',
      /asks-openssh did not let root in: it takes only password.*\nPasswords and/,
    ],
    [
      'certificate-ssh2',
      'authentication-failed',
      /It asks for -cert\.pub, which only OpenSSH's ssh has: say transport: auto/,
    ],
  ])('%s: %s', async (host, error, said) => {
    const ended = await check(host, '--json');
    expectSaid(ended, said);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error });
    expect(ended.status).toBe(3);
  });

  it.concurrent.each<[string, 'auto' | 'ssh2', RegExp]>([
    ['hangs', 'auto', /the ProxyCommand does not answer\./],
    ['hangs', 'ssh2', /the ProxyCommand does not answer\./],
    ['garbage', 'auto', /the ProxyCommand answers with what is not SSH: "HTTP\/1\.1 403"\./],
    ['garbage', 'ssh2', /the ProxyCommand answers with what is not SSH: "HTTP\/1\.1 403"\./],
    ['dies', 'ssh2', /the ProxyCommand ended with 3: no session for you\./],
  ])('%s by %s, no later than the login may take', async (host, transport, said) => {
    const began = performance.now();
    const ended = await cliHere(['check', host, '1s', '--config', site.impatient[transport]]);
    expectSaid(ended, said);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it.concurrent.each<[string, RegExp]>([
    [
      'both',
      /both needs OpenSSH's ssh for -cert\.pub, @cert-authority, and this machine has no ssh\.\n.*openssh-client/,
    ],
    ['fido', /fido needs OpenSSH's ssh for FIDO, and this machine has no ssh\./],
  ])('%s, where there is no ssh', async (host, said) => {
    const ended = await withoutSsh('check', host);
    expectSaid(ended, said);
    expect(ended.status).toBe(3);
  });

  it.concurrent.each([
    [
      'en',
      /it hung up after 6 keys, and accepted none of .* in the agent; not tried: \S+plain\.\nHave it offered one key: .*IdentitiesOnly yes/,
    ],
    ['ja', /\n差し出す鍵を1つにしてください。.*identityFile.*IdentitiesOnly yes/],
  ])('more keys in the agent than sshd lets ssh try, in %s', async (lang, said) => {
    const ended = await withAgent(site.agents.ten, 'check', 'many-keys', '1s', '--lang', lang);
    expectSaid(ended, said);
    expect(ended.stdout + ended.stderr).not.toContain('authorized_keys');
  });

  it.concurrent('but a ProxyCommand alone needs no ssh', async () => {
    expectChecked('proxied', await withoutSsh('check', 'proxied', '1s'));
  });

  it.concurrent('in Slack, and in Japanese', async () => {
    await slack.act('U0YUKI', { kind: 'type', channel: 'C0ONCALL', text: '/tcp check other-principal' });
    await slack.act('U0ALICE', { kind: 'type', channel: 'C0ONCALL', text: '/tcp check dies' });
    const shown = (host: string, now: Snapshot) => cardsOf(host, now).find(hasEnded);
    const seen = await slack.until((now) =>
      ['other-principal', 'dies'].every((host) => shown(host, now) !== undefined),
    );
    expect(words(shown('other-principal', seen) as Message)).toMatch(
      /other-principal に root でログインできません[\s\S]*ssh-keygen -L -f[\s\S]*TrustedUserCAKeys/,
    );
    expect(words(shown('dies', seen) as Message)).toMatch(
      /dies cannot be reached: the ProxyCommand ended[\s\S]*ssh -v dies/,
    );
  });
});

describe('hosts trust', () => {
  it.concurrent.each<[string, 'auto' | 'ssh2']>([
    ['proxied', 'auto'],
    ['proxied', 'ssh2'],
    ['behind', 'auto'],
    ['behind-ours', 'auto'],
  ])('sees the host key on the way to %s, by %s', async (host, transport) => {
    const { stdout, stderr } = await cliHere(['hosts', 'trust', host, '--config', site.impatient[transport]]);
    expect(stdout + stderr).toMatch(/ssh-ed25519 +SHA256:\S+ +(?:already known|not known yet)/);
  });
});
