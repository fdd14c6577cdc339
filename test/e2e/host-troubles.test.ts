/** What hosts do that nobody expects, while they are checked: it is said, and nothing is called healthy that was not seen to be. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '#lab/lab.ts';
import { cliHere } from '../cli-here.ts';
import { cli, type Ended } from './cli-process.ts';
import { expectSaid, STRAY } from './said.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ name: `b${process.pid.toString(36)}`, hosts: 3, variants: { 'db-01': 'full' } });
});
afterAll(() => lab?.close());

function check(...args: readonly string[]): Promise<Ended> {
  return cliHere(['check', 'web-01', '--interval', '1s', '--config', lab.paths.config, ...args]);
}

/** Runs a line of sh as root inside a host. */
function onHost(host: string, script: string, input = '') {
  return lab.exec(host, ['sh', '-c', script], { input });
}

async function idsOf(host: string, name: string): Promise<readonly string[]> {
  return (await onHost(host, `pgrep -u ops -x '${name}'`)).stdout.split('\n').filter(Boolean);
}

interface Document {
  readonly verdicts: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly reason: { code: string } | null;
  }[];
  readonly unreadable: readonly { readonly source: string; readonly code: string; readonly what: string }[];
}

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
    const { status, stdout, stderr } = await check();
    expect(stdout.split('\n')[0]).toMatch(/^web-01: nothing found/);
    expect(stdout).not.toMatch(/Welcome|oops/);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is not read to the end when it has none', async () => {
    await bashrc('yes "all work and no play"\n');
    const ended = await check();
    expectSaid(ended, /web-01 sent more than 1024 KB.*; processes of this run may live on: .*\.\n.*start-up files/);
    expect(ended).toMatchObject({ status: 3, stdout: '' });
    // Whoever looks after them meets the same login, so that they are gone can only be seen from inside.
    await expect.poll(() => idsOf('web-01', 'yes')).toEqual([]);
  });

  it('may be all there is, when it eats the script', async () => {
    await bashrc('cat >/dev/null; echo "bash: fork: Cannot allocate memory" >&2; exit 254\n');
    const ended = await check();
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

describe('ss that is not as we know it, where there is nothing better', () => {
  beforeAll(async () => {
    for (const name of ['perl', 'python3']) await put(name, 'exit 127');
  });
  afterAll(() => onHost('web-01', 'cd /usr/local/bin && rm -f ss perl python3'));

  /** sshd's PATH begins with /usr/local/bin. */
  async function put(name: string, script: string): Promise<void> {
    const file = `/usr/local/bin/${name}`;
    await onHost('web-01', `cat >${file}; chmod 755 ${file}`, `#!/bin/sh\n${script}\n`);
  }

  async function withSs(script: string): Promise<Document & Ended> {
    await put('ss', script);
    const ended = await check('--json');
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
    const shown = await check();
    expect(shown.stdout).toContain('line 2: ZUSTAND Warten Hoechstens');
    expect(shown.stdout.split('\n')[0]).toBe('web-01: nothing found in what could be checked');
  });

  it('and prints what a terminal or a template would obey: it is shown as it is', async () => {
    await withSs(`printf '%s\\n' '${STRAY}'`);
    const { stdout } = await check('--all');
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
    // What reads the socket table has the boundary, the sample, the looks it makes at the queues, and its limit as its words.
    const looking = "pgrep -u ops -f -- 'tcp-oncall-[0-9a-f-]+ 2 [0-9]+ [0-9]+$'";
    await expect.poll(async () => (await onHost(host, looking)).stdout).not.toBe('');
  }

  it('by the host: reports what the first sample says, says why there is no more, and nothing outlives the interval', async () => {
    const checking = cli(['check', 'api-01', '--interval', '10s', '--config', lab.paths.config]);
    await begun('api-01');
    const sessions = await idsOf('api-01', 'sshd');
    expect(sessions).toHaveLength(1);
    const { stdout: niceness } = await onHost('api-01', 'ps -o ni= -C perl');
    expect(new Set(niceness.trim().split(/\s+/))).toEqual(new Set(['10']));
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
});
