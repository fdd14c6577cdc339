/** What hosts, disks and people get wrong, against real hosts: one clear sentence, what to do next, the right status, and never "healthy". */
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must, run } from '#lab/command.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { PROGRAM } from '../built.ts';
import { cliHere } from '../cli-here.ts';
import { cli, type Ended } from './cli-process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CASE = join(ROOT, 'runbooks/ephemeral-port-exhaustion-per-destination/cases/time-wait-towards-a-database');
const STRAY = '{{constructor}} <b>*bold*</b> \u001b[2J\u001b]0;title\u0007 \u202e';

let lab: Lab;
let dir: string;
beforeAll(async () => {
  lab = await openLab({ name: `b${process.pid.toString(36)}`, hosts: 3, variants: { 'db-01': 'full' } });
  dir = await mkdtemp(join(tmpdir(), 'bad-input-'));
});
afterAll(async () => {
  await lab?.close();
  await rm(dir, { recursive: true, force: true });
});

let configs = 0;
/** A tcp-oncall.yaml with web-01 a little different, and other hosts beside it. */
async function configWith(web: object, { knownHosts = lab.paths.knownHosts, others = {} } = {}): Promise<string> {
  const { address } = lab.host('web-01');
  const file = join(dir, `config-${++configs}.yaml`);
  const entry = { address, user: 'ops', identityFile: lab.paths.identity, ...web };
  const ssh = { knownHosts, agent: false, readyTimeout: '20s' };
  await writeFile(file, JSON.stringify({ hosts: { 'web-01': entry, ...others }, ssh }));
  return file;
}

async function fileWith(name: string, text: string): Promise<string> {
  const file = join(dir, name);
  await writeFile(file, text);
  return file;
}

function check(config: string, ...args: readonly string[]): Promise<Ended> {
  return cliHere(['check', 'web-01', '--interval', '1s', '--config', config, ...args]);
}

async function knownHostsWithout(host: string): Promise<string> {
  const { address } = lab.host(host);
  const lines = (await readFile(lab.paths.knownHosts, 'utf8')).split('\n');
  return fileWith(`without-${host}`, lines.filter((line) => !line.startsWith(`${address} `)).join('\n'));
}

/** An address of the lab's network that no host has. */
function nobody(): string {
  return lab.host('web-01').address.replace(/\d+$/, '250');
}

/** Runs a line of sh as root inside a host. */
function onHost(host: string, script: string, input = '') {
  return lab.exec(host, ['sh', '-c', script], { input });
}

async function idsOf(host: string, name: string): Promise<readonly string[]> {
  return (await onHost(host, `pgrep -u ops -x '${name}'`)).stdout.split('\n').filter(Boolean);
}

/** One sentence, at most one line of what to do, nothing a terminal obeys. */
function expectSaid({ stderr }: Ended, said: RegExp): void {
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(/^tcp-oncall: /);
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}| {4}at /u);
}

interface Document {
  readonly verdicts: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly reason: { code: string } | null;
  }[];
  readonly unreadable: readonly { readonly source: string; readonly code: string; readonly what: string }[];
}

describe('no way in', () => {
  async function revoked(): Promise<string> {
    const { address, hostKey } = lab.host('web-01');
    const text = `${await readFile(lab.paths.knownHosts, 'utf8')}@revoked ${address} ${hostKey}\n`;
    return configWith({}, { knownHosts: await fileWith('revoked', text) });
  }

  async function anotherKey(): Promise<string> {
    const identityFile = join(dir, 'stranger');
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
    return configWith({ identityFile });
  }

  it.each<[string, () => Promise<string>, string, RegExp]>([
    [
      'a revoked key',
      revoked,
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
      () => configWith({ identityFile: '/nonexistent' }),
      'authentication-failed',
      /no key to try; \/nonexistent/,
    ],
    [
      'nobody at the address',
      () => configWith({ address: nobody() }),
      'unreachable',
      /cannot be reached at 10\.[\d.]+\.250 port 22/,
    ],
    ['no shell', () => configWith({ user: 'noshell' }), 'no-shell', /noshell has no shell on web-01/],
  ])('%s: one sentence, status 3, and one document', async (_, config, error, said) => {
    const ended = await check(await config(), '--json');
    expectSaid(ended, said);
    expect(JSON.parse(ended.stdout)).toMatchObject({ schema: 'tcp-oncall.error/1', error });
    expect(JSON.parse(ended.stdout)).toMatchObject({ next: expect.stringMatching(/\w{4}/) });
    expect(ended.status).toBe(3);
  });

  it('never says a passphrase, nor keeps it in a recording', async () => {
    const identityFile = join(dir, 'locked');
    await copyFile(lab.paths.identity, identityFile);
    await must(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'sesame-street', '-f', identityFile]);
    const config = await configWith({ identityFile });
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
    const { address } = lab.host('api-01');
    const jumpHost = { address, user: 'ops', identityFile: lab.paths.identity };
    const knownHosts = await knownHostsWithout('api-01');
    const named = await configWith({ jump: 'bastion' }, { knownHosts, others: { bastion: jumpHost } });
    expectSaid(await check(named), /The host key of bastion is not known.*\n.*hosts trust bastion$/m);

    const bare = await configWith({ jump: `ops@${address}:22` }, { knownHosts });
    expectSaid(await check(bare), new RegExp(`\n.*hosts trust ${address}$`, 'm'));
    const trusted = await cli(['hosts', 'trust', address, '--yes', '--config', bare]);
    expect(trusted.stdout).toMatch(/ssh-ed25519 +SHA256:\S+ +not known yet[\s\S]*Added to/);
    expect(trusted.status).toBe(0);
    expect((await check(bare)).stderr).not.toContain('host key');
  });
});

describe('what a login prints', () => {
  afterAll(() =>
    onHost(
      'web-01',
      "usermod -s /bin/sh ops 2>/dev/null || sed -i '/^ops:/s|/bin/bash|/bin/sh|' /etc/passwd; rm -f /home/ops/.bashrc",
    ),
  );

  /** bash reads ~/.bashrc when sshd starts it, even for a single command. */
  async function bashrc(text: string): Promise<void> {
    const script =
      "sed -i '/^ops:/s|/bin/sh|/bin/bash|' /etc/passwd; cat >/home/ops/.bashrc; chown ops /home/ops/.bashrc";
    expect(await onHost('web-01', script, text)).toMatchObject({ status: 0 });
  }

  it('is passed over, whatever it is', async () => {
    await bashrc(
      `printf '%s\\n' 'Welcome ${STRAY}' 'tcp-oncall-1 begin 1 sockets' 'tcp-oncall-1 done 1'; echo oops >&2\n`,
    );
    const { status, stdout, stderr } = await check(lab.paths.config);
    expect(stdout.split('\n')[0]).toMatch(/^web-01: nothing found/);
    expect(stdout).not.toMatch(/Welcome|oops/);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is not read to the end when it has none', async () => {
    await bashrc('yes "all work and no play"\n');
    const ended = await check(lab.paths.config);
    expectSaid(ended, /web-01 sent more than 1024 KB.*; processes of this run may live on: .*\.\n.*start-up files/);
    expect(ended).toMatchObject({ status: 3, stdout: '' });
    // Whoever looks after them meets the same login, so that they are gone can only be seen from inside.
    await expect.poll(() => idsOf('web-01', 'yes')).toEqual([]);
  });

  it('may be all there is, when it eats the script', async () => {
    await bashrc('cat >/dev/null; echo "bash: fork: Cannot allocate memory" >&2; exit 254\n');
    const ended = await check(lab.paths.config);
    expectSaid(
      ended,
      /ended the reading before the samples were complete: "bash: fork: Cannot allocate memory" \(exit status 254\)/,
    );
    expect(ended).toMatchObject({ status: 3, stdout: '' });
  });
});

describe('a host whose disk is full', () => {
  it('is checked like any other, for nothing is written there, nor anywhere', async () => {
    const document = async (host: string) =>
      JSON.parse(
        (await cli(['check', host, '--interval', '1s', '--json', '--config', lab.paths.config])).stdout,
      ) as Document;
    await onHost('api-01', 'touch /srv/before');
    const [full, plain] = [await document('db-01'), await document('api-01')];
    expect(full.unreadable).toEqual(plain.unreadable);
    expect(full.verdicts.map(({ id, verdict }) => [id, verdict])).toEqual(
      plain.verdicts.map(({ id, verdict }) => [id, verdict]),
    );
    const places = '/etc /home /tmp /var/tmp /var/lib /run /dev/shm /srv /opt';
    const written = await onHost('api-01', `find ${places} -newer /srv/before ! -type d ! -path '/run/sudo/*'`);
    expect(written).toMatchObject({ status: 0, stdout: '' });
  });
});

describe('ss that is not as we know it', () => {
  afterAll(() => onHost('web-01', 'rm -f /usr/local/bin/ss'));

  /** sshd's PATH begins with /usr/local/bin. */
  async function withSs(script: string): Promise<Document & Ended> {
    await onHost('web-01', 'cat >/usr/local/bin/ss; chmod 755 /usr/local/bin/ss', `#!/bin/sh\n${script}\n`);
    const ended = await check(lab.paths.config, '--json');
    return { ...(JSON.parse(ended.stdout) as Document), ...ended };
  }

  const ABOUT_QUEUES = [
    'accept-queue-overflow-app-backlog',
    'accept-queue-overflow-somaxconn',
    'accept-queue-slow-accept',
  ];
  function expectUnknown({ verdicts }: Document, code: string): void {
    for (const id of [...ABOUT_QUEUES, 'listener-inside-ephemeral-range']) {
      const found = verdicts.find((verdict) => verdict.id === id);
      expect([id, found?.verdict, found?.reason?.code]).toEqual([id, 'unknown', code]);
    }
  }

  it('and prints a format that nobody has seen: the line is named, and no queue is called healthy', async () => {
    const report = await withSs(`echo 'ZUSTAND Warten Hoechstens'; printf '%s\\n' 'LAUSCHT zwei ${STRAY}'`);
    expectUnknown(report, 'unexpected-line');
    expect(report.unreadable).toContainEqual(
      expect.objectContaining({
        source: 'listeners',
        code: 'unexpected-line',
        what: 'line 2: ZUSTAND Warten Hoechstens',
      }),
    );
    expect(report.stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    const shown = await check(lab.paths.config);
    expect(shown.stdout).toContain('line 2: ZUSTAND Warten Hoechstens');
    expect(shown.stdout.split('\n')[0]).toBe('web-01: nothing found in what could be checked');
  });

  it('and prints what a terminal or a template would obey: it is shown as it is', async () => {
    await withSs(`printf '%s\\n' '${STRAY}'`);
    const { stdout } = await check(lab.paths.config, '--all');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('{{constructor}} <b>*bold*</b> \\x1b[2J\\x1b]0;title\\x07');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it.each([
    ['fails', 'echo "Cannot open netlink socket" >&2; exit 1'],
    ['says nothing', 'exit 0'],
  ])('and %s: no queue is called healthy', async (_, script) => {
    const { verdicts } = await withSs(script);
    const known = verdicts.filter(({ id, verdict }) => ABOUT_QUEUES.includes(id) && verdict !== 'unknown');
    expect(known).toEqual([]);
  });
});

describe('a check that is broken off', () => {
  async function begun(host: string): Promise<void> {
    // The looks at the queues sleep between the samples.
    await expect.poll(() => idsOf(host, 'sleep')).not.toEqual([]);
  }

  it('by the host: reports what the first sample says, says why there is no more, and nothing outlives the interval', async () => {
    const checking = cli(['check', 'api-01', '--interval', '10s', '--config', lab.paths.config]);
    await begun('api-01');
    const sessions = await idsOf('api-01', 'sshd');
    expect(sessions).toHaveLength(1);
    const { stdout: niceness } = await onHost('api-01', 'ps -o ni= -C sleep | sort -u');
    expect(niceness.trim()).toBe('10');
    await lab.exec('api-01', ['kill', '-KILL', ...sessions]);
    const { stdout, status } = await checking;
    expect(stdout.split('\n').slice(0, 4).join(' ')).toMatch(
      /^api-01: nothing found in what could be checked.*The connection to api-01 was lost: .*first sample alone/,
    );
    expect(status).toBe(3);
    await expect.poll(() => idsOf('api-01', '.*')).toEqual([]);
  });

  it('by Ctrl-C: one sentence, one document, status 130', async () => {
    const args = ['check', 'api-01', '--interval', '30s', '--json', '--config', lab.paths.config];
    const ended = await cli(args, { interruptWhen: () => begun('api-01') });
    expectSaid(ended, /Stopped before the check of api-01 was complete\.\nNothing was left on the host\.$/m);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: 'aborted' });
    expect(ended.status).toBe(130);
    await expect.poll(() => idsOf('api-01', '.*')).toEqual([]);
  });

  it('by Ctrl-C while it connects to somebody who says nothing: at once', async () => {
    const silent = createServer();
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port));
    });
    const config = await configWith({ address: '127.0.0.1', port });
    const connected = () => once(silent, 'connection');
    const ended = await cli(['check', 'web-01', '--config', config], { interruptWhen: connected });
    silent.close();
    expect(ended.status).toBe(130);
  });
});

describe('what people write', () => {
  it.each<[string, string, RegExp]>([
    [
      'unknown-key',
      'hosts:\n  web-01: { adress: 10.0.0.1 }\n',
      /unknown-key\.yaml line 2: hosts\.web-01\.adress is not a known key; did you mean address\?/,
    ],
    ['not-yaml', 'hosts:\n  web-01: { address: [10.0.0.1\n', /not-yaml\.yaml line \d+: this is not YAML/],
    ['bad-port', 'hosts:\n  web-01: { port: 99999 }\n', /bad-port\.yaml line 2: hosts\.web-01\.port must be/],
    [
      'no-inventory',
      'inventory: { ansible: ./gone.ini }\n',
      /inventory\.ansible names .*gone\.ini, which does not exist/,
    ],
    [
      'bad-known',
      'hosts: { web-01: { address: 127.0.0.1 } }\nssh: { knownHosts: ./, agent: false }\n',
      /known host keys cannot be read, so nothing was sent/,
    ],
  ])('configuration %s: file and place are named, in both languages', async (name, text, said) => {
    const config = await fileWith(`${name}.yaml`, text);
    const english = await check(config);
    const japanese = await check(config, '--lang', 'ja', '--json');
    expectSaid(english, name === 'bad-known' ? /nothing was sent/ : said);
    expect(english.stdout).toBe('');
    expect(english.status).toBe(name === 'bad-known' ? 3 : 2);
    expectSaid(japanese, /[ぁ-ん]/);
    expect(JSON.parse(japanese.stdout)).toMatchObject({ schema: 'tcp-oncall.error/1' });
  });

  it('an unknown name in Japanese, and a name that tries to be more than one', async () => {
    expectSaid(
      await cli(['check', 'web-1', '--lang', 'ja', '--config', lab.paths.config]),
      /"web-1" はありません。web-01 のことですか？/,
    );
    for (const name of [
      'web-01;reboot',
      '$(reboot)',
      '-oProxyCommand=reboot',
      '../web-01',
      'web-01\nweb-02',
      '{{this}}',
      '\u001b[2J',
    ]) {
      const ended = await cli(['check', '--config', lab.paths.config, '--', name]);
      expectSaid(ended, /There is no host "/);
      expect(ended.status).toBe(2);
    }
  });

  it.each(['0', '61', 'abc', '', '1h', '-5s'])('--interval %j is refused', async (text) => {
    const { stderr, status } = await cli(['check', 'web-01', `--interval=${text}`]);
    expect(stderr).toContain('It is a time from 1s to 60s, such as 5s.');
    expect(status).toBe(2);
  });

  it('--raw under a file, or into a directory with something in it: nothing is connected to', async () => {
    const config = await configWith({ address: nobody() });
    const file = await fileWith('a-file', '');
    expectSaid(
      await check(config, '--raw', join(file, 'raw')),
      /The readings cannot be written to .*a-file\/raw: ENOTDIR/,
    );
    const ended = await check(config, '--raw', dir, '--json');
    expectSaid(ended, /is not empty; name a new directory/);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: 'usage' });
    expect(ended.status).toBe(2);
  });

  it('--raw onto a full disk: the report is out, and what failed is said', async () => {
    const target = join(dir, 'tmpfs');
    await mkdir(target);
    const program = [process.execPath, PROGRAM, 'check', 'web-01', '--interval', '1s', '--config', lab.paths.config];
    const script = 'mount -t tmpfs -o size=4k tmpfs "$1" && d=$1 && shift && exec "$@" --raw "$d/raw"';
    const ended = await run(['unshare', '--mount', 'sh', '-c', script, 'sh', target, ...program]);
    expectSaid(ended, /The readings cannot be written to .*tmpfs\/raw: ENOSPC/);
    expect(ended.stdout).toMatch(/^web-01: nothing found/);
    expect(ended.status).toBe(2);
  });
});

describe('a recording that is broken', () => {
  async function recording(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const place = join(dir, name);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(place, path, '..'), { recursive: true });
      await writeFile(join(place, path), text);
    }
    return place;
  }

  it('is named', async () => {
    const odd = await recording('odd', { '1/sockets.whim.txt': '' });
    expectSaid(await cli(['replay', odd]), /sockets\.whim\.txt is named after no known reason/);
    const meta = await recording('meta', { '1/sockets.txt': '', 'meta.json': '{"host": 5}' });
    const ended = await cli(['replay', meta, '--json']);
    expectSaid(ended, /meta\.json is not the meta\.json of a recording/);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: 'usage' });
    expect(ended.status).toBe(2);
  });

  it('or hostile: nothing in it is called healthy or obeyed', async () => {
    const meta = JSON.stringify({ host: STRAY, startedAt: '2026-11-20T13:50:12.000Z', interval: 5, version: '' });
    const place = await recording('hostile', {
      '1/sockets.txt': STRAY,
      '1/listeners.txt': '\0\u0001\ufffd',
      '1/netstat.txt': `TcpExt: ${STRAY}`,
      '1/host.txt': `kernel ${STRAY}`,
      '1/nothing-we-know.txt': STRAY,
      'meta.json': meta,
    });
    const { stdout, stderr, status } = await cli(['replay', place, '--all']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\{\{constructor\}\}.*: nothing found in\s+what could be checked/);
    expect(stdout).toContain('Ruled out: 0 of');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(status).toBe(0);
  });
});

describe('where the answer goes', () => {
  it('is quiet when the reader has seen enough, also of a check', async () => {
    const command = `'${process.execPath}' ${PROGRAM} check web-01 --interval 1s --all --config ${lab.paths.config} | true`;
    expect(await run(['sh', '-c', command])).toMatchObject({ status: 0, stderr: '', stdout: '' });
  });

  it('says in one sentence that it cannot be written', async () => {
    const command = `'${process.execPath}' ${PROGRAM} replay '${CASE}' >/dev/full`;
    const ended = await run(['sh', '-c', command]);
    expectSaid(ended, /^tcp-oncall: The answer cannot be written: ENOSPC/);
    expect(ended.status).toBe(3);
  });

  /** A terminal of so many columns, as script(1) makes one. */
  async function terminal(columns: number, language: string, env = ''): Promise<string> {
    const command = `stty cols ${columns}; ${env} '${process.execPath}' ${PROGRAM} replay '${CASE}' --lang ${language}`;
    const { stdout } = await run(['script', '-qec', command, '/dev/null']);
    return stdout.replaceAll('\r', '');
  }

  it.each([
    [40, 'en'],
    [40, 'ja'],
    [200, 'en'],
  ])('fits %i columns in %s', async (columns, language) => {
    const { default: stringWidth } = await import('string-width');
    const text = await terminal(columns, language);
    const widest = Math.max(...text.split('\n').map((line) => stringWidth(line)));
    expect(widest).toBeLessThanOrEqual(Math.min(columns, 100));
    expect(widest).toBeGreaterThan(Math.min(columns, 90) * 0.8);
    expect(text).toContain('\u001b[');
  });

  it('has no colour with NO_COLOR, even in a terminal', async () => {
    expect(await terminal(80, 'en', 'NO_COLOR=1')).not.toContain('\u001b');
  });
});
