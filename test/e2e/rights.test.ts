/** The lines for sudoers that we hand out: enough for what a check runs as root, and for nothing else. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadWords } from '#catalogue.ts';
import { SOURCES } from '#evidence/sources.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { cli } from './cli-process.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const SECURITY = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

let lab: Lab;
let handedOut: string;
beforeAll(async () => {
  const { reasons } = await loadWords('en', null);
  handedOut = reasons['no-permission'].command?.replace('ACCOUNT', 'ops') ?? '';
  lab = await openLab({ name: `r${process.pid.toString(36)}`, hosts: 1 });
  await allow(handedOut);
});
afterAll(() => lab?.close());

async function allow(lines: string): Promise<void> {
  const script = 'cat >/etc/sudoers && chmod 440 /etc/sudoers && visudo -cq';
  const input = `Defaults !lecture, !syslog\nroot ALL=(ALL) ALL\n${lines}\n`;
  expect(await lab.exec('web-01', ['sh', '-c', script], { input })).toMatchObject({ status: 0 });
}

async function mayRun(command: string): Promise<boolean> {
  const { stderr } = await lab.ssh('web-01', `sudo -n ${command}`);
  return !stderr.includes('a password is required');
}

const NEEDED = [
  'dmesg',
  'ls -ln /proc/1/ns/net /proc/1/fd',
  'ls -ln /proc/1/ns/net /proc/1/fd /proc/23/ns/net /proc/23/fd/0 /proc/23/fd/63 /proc/self/ns/net',
  'ls -f /proc/1/fd',
];

describe('the lines for sudoers', () => {
  it('are the same wherever we hand them out', () => {
    const asOncall = handedOut.replace('ops', 'oncall').replaceAll(/\s+/g, ' ');
    for (const text of [README, SECURITY]) expect(text.replaceAll(/\s+/g, ' ')).toContain(asOncall);
  });

  it.each(NEEDED)('allow %s', async (command) => expect(await mayRun(command)).toBe(true));

  it('are needed for no other command: these are all that run as root', () => {
    const asRoot = SOURCES.flatMap(
      (source) => ('script' in source ? source.script : '').match(/(?:sudo -n|\$privilege) [^\n|)]*/g) ?? [],
    );
    expect(asRoot.map((line) => line.replace(/ *(?:2?>|<).*$/, '').trim())).toEqual([
      'sudo -n dmesg',
      '$privilege $helper 2 check version',
      'sudo -n ls -ln /proc/1/ns/net /proc/1/fd',
      '$privilege ls -ln "$@" /proc/self/ns/net',
      'sudo -n ls -f $d; done"',
    ]);
  });

  it.each([
    'dmesg -C',
    'dmesg -n 1',
    'ls -ln /root',
    'ls -ln /proc/1/root/root',
    'ls -ln /proc/1/cwd',
    'ls -ln /proc/1/fd/../../../root',
    'ls -ln /proc/1/fd -R /etc/ssh',
    'ls -lnR /proc/1/fd',
    'ls -f /proc/1/fd/1',
    'ls -ln /proc/1/fd/3/etc',
    'ls -ln /proc/1/environ',
    'cat /etc/shadow',
    'sh -c id',
    'ls',
  ])('do not allow %s', async (command) => expect(await mayRun(command)).toBe(false));

  it('let a check see all processes, and who listens', async () => {
    const { stdout, status } = await cli(['hosts', 'test', 'web-01', '--config', lab.paths.config]);
    expect(status).toBe(0);
    expect(stdout).not.toContain('show their descriptors');
  });

  it('for a sudo before 1.9.10 allow what is needed, and looking into other directories too, as the page admits', async () => {
    const old = /^oncall .*proc\/\[0-9\]\*$/m.exec(SECURITY)?.[0] ?? '';
    await allow(old.replace('oncall', 'ops'));
    for (const command of NEEDED) expect([command, await mayRun(command)]).toEqual([command, true]);
    expect(await mayRun('ls -ln /proc/1/fd -R /etc/ssh')).toBe(true);
    expect(await mayRun('dmesg -C')).toBe(false);
    expect(await mayRun('cat /etc/shadow')).toBe(false);
  });
});
