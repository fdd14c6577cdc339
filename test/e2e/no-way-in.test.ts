/** Hosts that cannot be logged in to: one sentence, what to do next, status 3, one document, and never "healthy". */
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must, run } from '#lab/command.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { cliHere } from '../cli-here.ts';
import { cli, type Ended } from './cli-process.ts';
import { configWith, nobody } from './config-with.ts';
import { expectSaid } from './said.ts';

let lab: Lab;
let dir: string;
beforeAll(async () => {
  lab = await openLab({ name: `n${process.pid.toString(36)}`, hosts: 2 });
  dir = await mkdtemp(join(tmpdir(), 'e2e-'));
});
afterAll(async () => {
  await lab?.close();
  await rm(dir, { recursive: true, force: true });
});

function check(config: string, ...args: readonly string[]): Promise<Ended> {
  return cliHere(['check', 'web-01', '--interval', '1s', '--config', config, ...args]);
}

/** A known_hosts file of these lines in place of the lab's. */
async function knowing(name: string, lines: readonly string[]): Promise<string> {
  const knownHosts = join(dir, name);
  await writeFile(knownHosts, lines.map((line) => `${line}\n`).join(''));
  return configOf({}, { knownHosts });
}

const configOf = (web: object, more = {}) => configWith({ lab, dir }, web, more);

async function anotherKey(): Promise<string> {
  const identityFile = join(dir, 'stranger');
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
  return configOf({ identityFile });
}

describe('no way in', () => {
  it.each<[string, () => Promise<string>, string, RegExp]>([
    [
      'nobody at the address',
      () => configOf({ address: nobody(lab) }),
      'unreachable',
      /cannot be reached at 10\.[\d.]+\.250 port 22/,
    ],
    ['nobody at the port', () => configOf({ port: 4 }), 'refused', /refused/],
    [
      'an unknown host key',
      () => knowing('nothing', []),
      'host-key-unknown',
      /host key of web-01 is not known.*SHA256:[\s\S]*hosts trust web-01/,
    ],
    [
      'a changed host key',
      () => knowing('changed', [`${lab.host('web-01').address} ${lab.host('db-01').hostKey}`]),
      'host-key-changed',
      /host key of web-01 is not the one known from .*changed/,
    ],
    [
      'a revoked host key',
      () => knowing('revoked', [`@revoked ${lab.host('web-01').address} ${lab.host('web-01').hostKey}`]),
      'host-key-revoked',
      /host key SHA256:\S+ of web-01 is revoked in .*revoked:\d.*nothing was sent/,
    ],
    [
      'a key the host does not take',
      anotherKey,
      'authentication-failed',
      /did not let ops in: it accepted none of .*stranger/,
    ],
    [
      'no such key',
      () => configOf({ identityFile: '/nonexistent' }),
      'authentication-failed',
      /no key to try; \/nonexistent/,
    ],
    ['no such account', () => configOf({ user: 'nobody-here' }), 'authentication-failed', /did not let nobody-here in/],
    ['no shell', () => configOf({ user: 'noshell' }), 'no-shell', /noshell has no shell on web-01.*not available/],
  ])('%s: one sentence, status 3, and one document', async (_, config, error, said) => {
    const ended = await check(await config(), '--json');
    expectSaid(ended, said);
    expect(JSON.parse(ended.stdout)).toMatchObject({ schema: 'tcp-oncall.error/1', error });
    expect(JSON.parse(ended.stdout)).toMatchObject({ next: expect.stringMatching(/\w{4}/) });
    expect(ended.status).toBe(3);
  });

  it('without --json: nothing on standard output', async () => {
    const ended = await check(await configOf({ port: 4 }));
    expectSaid(ended, /refused/);
    expect(ended).toMatchObject({ stdout: '', status: 3 });
  });

  it('never says a passphrase, nor keeps it in a recording', async () => {
    const identityFile = join(dir, 'locked');
    await copyFile(lab.paths.identity, identityFile);
    await must(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'sesame-street', '-f', identityFile]);
    const config = await configOf({ identityFile });
    const asked = async (passphrase: string, ...args: readonly string[]) =>
      cli(['check', 'web-01', '--interval', '1s', '--all', '--config', config, ...args], {
        env: { TCP_ONCALL_KEY_PASSPHRASE: passphrase },
      });
    const wrong = await asked('open-barley', '--json');
    expectSaid(wrong, /did not let ops in/);
    expect(wrong.stdout + wrong.stderr).not.toContain('open-barley');
    const raw = join(dir, 'recorded');
    const { stdout, stderr, status } = await asked('sesame-street', '--raw', raw);
    expect(status).toBe(0);
    const { stdout: kept } = await run(['cat', ...(await must(['find', raw, '-type', 'f'])).trim().split('\n')]);
    expect(kept).toContain('tcp_syncookies');
    const key = (await readFile(lab.paths.identity, 'utf8')).split('\n')[2] ?? '';
    for (const secret of ['sesame-street', key]) expect(kept + stdout + stderr).not.toContain(secret);
  });

  it('an unknown jump host: it is the one to trust, with an entry of its own or without', async () => {
    const { address } = lab.host('db-01');
    const jumpHost = { address, user: 'ops', identityFile: lab.paths.identity };
    const knownHosts = join(dir, 'without-db-01');
    await writeFile(knownHosts, `${lab.host('web-01').address} ${lab.host('web-01').hostKey}\n`);
    const named = await configOf({ jump: 'bastion' }, { knownHosts, others: { bastion: jumpHost } });
    expectSaid(await check(named), /The host key of bastion is not known.*\n.*hosts trust bastion$/m);

    const bare = await configOf({ jump: `ops@${address}:22` }, { knownHosts });
    expectSaid(await check(bare), new RegExp(`\n.*hosts trust ${address}$`, 'm'));
    const trusted = await cli(['hosts', 'trust', address, '--yes', '--config', bare]);
    expect(trusted.stdout).toMatch(/ssh-ed25519 +SHA256:\S+ +not known yet[\s\S]*Added to/);
    expect(trusted.status).toBe(0);
    expect((await check(bare)).stderr).not.toContain('host key');
  });
});

describe('Ctrl-C', () => {
  it('while it connects to somebody who says nothing ends it at once', async () => {
    const silent = createServer();
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port));
    });
    const config = await configOf({ address: '127.0.0.1', port });
    const connected = () => once(silent, 'connection');
    const ended = await cli(['check', 'web-01', '--config', config], { interruptWhen: connected });
    silent.close();
    expect(ended.status).toBe(130);
  });
});
