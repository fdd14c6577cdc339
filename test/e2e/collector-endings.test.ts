/** However a collection ends, nothing of it runs on; and what never ends, or never was what it is called, costs its own reading only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { absent, unreadable } from '#domain/reading.ts';
import { HOST_ENVIRONMENT } from '#lab/enter.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { collect, collectorArgv, collectorScript, type Setting } from './collector-on-host.ts';

const HOST = 'web-01';
/** Seconds that a script may take, of which the host has nothing but sshd to show. */
const SHORT = { limit: 1 } as const;
const HANGS = 'exec sleep 1000';

let lab: Lab;
let before: readonly string[];
beforeAll(async () => {
  lab = await openLab({ name: `z${process.pid.toString(36)}`, hosts: 1 });
  before = await processes();
});
afterAll(() => lab?.close());

/** All there are, but for the one that looks. */
async function processes(): Promise<readonly string[]> {
  const { stdout } = await lab.exec(HOST, [
    'sh',
    '-c',
    'cd /proc; for pid in [0-9]*; do [ $pid = $$ ] || echo $pid; done',
  ]);
  return stdout.split('\n').filter(Boolean);
}

/** What ended when the host had just begun may still have been there before. */
const left = async () => (await processes()).filter((pid) => !before.includes(pid));
const nothingIsLeft = () => expect.poll(left).toEqual([]);

function start(setting: Setting) {
  const [program = '', ...args] = collectorArgv(lab, HOST, setting);
  const child = spawn(program, args, { env: HOST_ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => undefined);
  return { child, ended: once(child, 'close') };
}

/** Resolves when the collector has printed this. */
async function untilPrinted(child: ReturnType<typeof start>['child'], what: string): Promise<void> {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes(what)) return;
  }
  throw new Error(`${what} was not printed: ${text}`);
}

it('a collection that comes to its end leaves nothing', async () => {
  expect(await collect(lab, HOST)).toMatchObject({ complete: 2, status: 0, stderr: '' });
  await nothingIsLeft();
});

describe('a program that hangs', () => {
  it.each<{ name: string; setting: Setting; missing: readonly string[] }>([
    { name: 'dmesg', setting: {}, missing: ['kernel-log'] },
    { name: 'sudo', setting: { user: 'ops', instead: { dmesg: 'exit 1' } }, missing: ['kernel-log', 'processes'] },
    // Its timeout ends the shell alone.
    { name: 'dmesg, for busybox', setting: { shell: 'busybox', only: [], awk: 'busybox' }, missing: ['kernel-log'] },
  ])('$name costs its own readings only', async ({ name, setting, missing }) => {
    const instead = { ...setting.instead, [name.split(',')[0] ?? '']: HANGS };
    const { samples, ...ended } = await collect(lab, HOST, { ...SHORT, ...setting, instead });
    // busybox's shell says on stderr that something was ended.
    expect(ended).toMatchObject({ complete: 2, status: 0 });
    const second = Object.entries(samples[1] ?? {}).filter(([, { kind }]) => kind !== 'read');
    expect(Object.fromEntries(second)).toEqual({
      'change-helper': absent('/usr/local/sbin/tcp-oncall-helper'),
      ...Object.fromEntries(missing.map((source) => [source, unreadable('too-slow', source)])),
    });
    await nothingIsLeft();
  });
});

it.each(['perl', 'python3'])(
  'a %s that hangs costs the first sample its sockets, and is not asked twice',
  async (name) => {
    const without = name === 'perl' ? [] : ['perl'];
    const { samples, complete } = await collect(lab, HOST, { ...SHORT, without, instead: { [name]: HANGS } });
    expect(complete).toBe(2);
    expect(samples[0]).toMatchObject({
      listeners: unreadable('too-slow', 'listeners'),
      sockets: unreadable('too-slow', 'sockets'),
    });
    const read = { kind: 'read' };
    expect(samples[1]).toMatchObject({ 'accept-queues': read, listeners: read, sockets: read });
    await nothingIsLeft();
  },
);

describe('a collection that is cut off leaves nothing', () => {
  it('when nobody reads any more', async () => {
    const { child, ended } = start({});
    child.stdin.end(collectorScript());
    await untilPrinted(child, 'done 1');
    child.stdout.destroy();
    await ended;
    await nothingIsLeft();
  });

  it.each([0.1, 0.5, 0.9, 0.999])('when %d of the script have come: then nothing has been done', async (part) => {
    const script = collectorScript();
    const { child, ended } = start({});
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.stdin.end(script.slice(0, Math.floor(script.length * part)));
    await ended;
    expect(text).toBe('');
    await nothingIsLeft();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('when its shell gets %s while a program hangs', async (signal) => {
    const { child, ended } = start({ ...SHORT, instead: { dmesg: HANGS } });
    child.stdin.end(collectorScript(SHORT.limit));
    await untilPrinted(child, 'begin 2 kernel-log');
    // What is not read keeps the child from being closed.
    child.stdout.resume();
    const { stdout } = await lab.exec(HOST, ['pgrep', '-of', '/opt/programs/sh -s']);
    await lab.exec(HOST, ['sh', '-c', `kill -${signal.slice(3)} ${stdout.trim()}`]);
    await ended;
    await nothingIsLeft();
  });
});
