/** Hosts that cannot be logged in to: one sentence, what to do next, status 3, one document, and never "healthy". */
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must, run } from '#lab/command.ts';
import { cli } from './cli-process.ts';
import { expectSaid } from './said.ts';
import { openSite, type Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite('n', 2);
});
afterAll(() => site?.close());

/** A known_hosts file of these lines in place of the lab's. */
async function knowing(name: string, lines: readonly string[]): Promise<string> {
  const knownHosts = join(site.dir, name);
  await writeFile(knownHosts, lines.map((line) => `${line}\n`).join(''));
  return site.configWith({}, { knownHosts });
}

async function anotherKey(): Promise<string> {
  const identityFile = join(site.dir, 'stranger');
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
  return site.configWith({ identityFile });
}

describe('no way in', () => {
  it.each<[string, () => Promise<string>, string, RegExp]>([
    [
      'nobody at the address',
      () => site.configWith({ address: site.nobody() }),
      'unreachable',
      /cannot be reached at 10\.[\d.]+\.250 port 22/,
    ],
    ['nobody at the port', () => site.configWith({ port: 4 }), 'refused', /refused/],
    [
      'an unknown host key',
      () => knowing('nothing', []),
      'host-key-unknown',
      /host key of web-01 is not known.*SHA256:[\s\S]*hosts trust web-01/,
    ],
    [
      'a changed host key',
      () => knowing('changed', [`${site.lab.host('web-01').address} ${site.lab.host('db-01').hostKey}`]),
      'host-key-changed',
      /host key of web-01 is not the one known from .*changed/,
    ],
    [
      'a revoked host key',
      () => knowing('revoked', [`@revoked ${site.lab.host('web-01').address} ${site.lab.host('web-01').hostKey}`]),
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
      () => site.configWith({ identityFile: '/nonexistent' }),
      'authentication-failed',
      /no key to try; \/nonexistent/,
    ],
    [
      'no such account',
      () => site.configWith({ user: 'nobody-here' }),
      'authentication-failed',
      /did not let nobody-here in/,
    ],
    [
      'no shell',
      () => site.configWith({ user: 'noshell' }),
      'no-shell',
      /noshell has no shell on web-01.*not available/,
    ],
  ])('%s: one sentence, status 3, and one document', async (_, config, error, said) => {
    const ended = await site.check(await config(), '--json');
    expectSaid(ended, said);
    expect(JSON.parse(ended.stdout)).toMatchObject({ schema: 'tcp-oncall.error/1', error });
    expect(JSON.parse(ended.stdout)).toMatchObject({ next: expect.stringMatching(/\w{4}/) });
    expect(ended.status).toBe(3);
  });

  it('without --json: nothing on standard output', async () => {
    const ended = await site.check(await site.configWith({ port: 4 }));
    expectSaid(ended, /refused/);
    expect(ended).toMatchObject({ stdout: '', status: 3 });
  });

  it('never says a passphrase, nor keeps it in a recording', async () => {
    const identityFile = join(site.dir, 'locked');
    await copyFile(site.lab.paths.identity, identityFile);
    await must(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'sesame-street', '-f', identityFile]);
    const config = await site.configWith({ identityFile });
    const asked = async (passphrase: string, ...args: readonly string[]) =>
      cli(['check', 'web-01', '--interval', '1s', '--all', '--config', config, ...args], {
        env: { TCP_ONCALL_KEY_PASSPHRASE: passphrase },
      });
    const wrong = await asked('open-barley', '--json');
    expectSaid(wrong, /did not let ops in/);
    expect(wrong.stdout + wrong.stderr).not.toContain('open-barley');
    const raw = join(site.dir, 'recorded');
    const { stdout, stderr, status } = await asked('sesame-street', '--raw', raw);
    expect(status).toBe(0);
    const { stdout: kept } = await run(['cat', ...(await must(['find', raw, '-type', 'f'])).trim().split('\n')]);
    expect(kept).toContain('tcp_syncookies');
    const key = (await readFile(site.lab.paths.identity, 'utf8')).split('\n')[2] ?? '';
    for (const secret of ['sesame-street', key]) expect(kept + stdout + stderr).not.toContain(secret);
  });

  it('an unknown jump host: it is the one to trust, with an entry of its own or without', async () => {
    const { address } = site.lab.host('db-01');
    const jumpHost = { address, user: 'ops', identityFile: site.lab.paths.identity };
    const knownHosts = join(site.dir, 'without-db-01');
    await writeFile(knownHosts, `${site.lab.host('web-01').address} ${site.lab.host('web-01').hostKey}\n`);
    const named = await site.configWith({ jump: 'bastion' }, { knownHosts, others: { bastion: jumpHost } });
    expectSaid(await site.check(named), /The host key of bastion is not known.*\n.*hosts trust bastion$/m);

    const bare = await site.configWith({ jump: `ops@${address}:22` }, { knownHosts });
    expectSaid(await site.check(bare), new RegExp(`\n.*hosts trust ${address}$`, 'm'));
    const trusted = await cli(['hosts', 'trust', address, '--yes', '--config', bare]);
    expect(trusted.stdout).toMatch(/ssh-ed25519 +SHA256:\S+ +not known yet[\s\S]*Added to/);
    expect(trusted.status).toBe(0);
    expect((await site.check(bare)).stderr).not.toContain('host key');
  });
});

describe('Ctrl-C', () => {
  it('while it connects to somebody who says nothing ends it at once', async () => {
    const silent = createServer();
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port));
    });
    const config = await site.configWith({ address: '127.0.0.1', port });
    const connected = () => once(silent, 'connection');
    const ended = await cli(['check', 'web-01', '--config', config], { interruptWhen: connected });
    silent.close();
    expect(ended.status).toBe(130);
  });
});
