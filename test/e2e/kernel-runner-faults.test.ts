/** What can go wrong with a kernel build while it runs: each ends in going on, or in a failure that is said, never in a second build. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { type BuildHost, ID, kill, ORDER, openBuildHost, PROGRAM, soon } from '../kernel/build-host.ts';

const events = (host: BuildHost) =>
  host
    .file('events')
    .split('\n')
    .map((line) => line.split(' ').slice(1).join(' '));
const units = (host: BuildHost) => host.file('log').match(/^ {2}CC .*$/gm) ?? [];

describe.concurrent('goes on', () => {
  it('when the client that began it is killed', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('hold-unit-1', '');
    host.carry();
    const client = host.spawn(host.argv({ verb: 'build', order: ORDER }));
    client.stdin?.end(PROGRAM);
    // With all that it has started, in the middle of its answer.
    client.stdout?.once('data', () => kill(-Number(client.pid)));
    await once(client, 'close');
    host.release('hold-unit-1');
    expect((await host.over()).state.kind).toBe('built');
    expect(events(host).filter((event) => event.startsWith('resumed'))).toEqual([]);
  });

  it('when its runner is killed: orphans end, units that are done stay done', async ({ expect }) => {
    await using host = openBuildHost();
    await host.compiling(3);
    host.knob('hold-unit-5', '');
    const orphans = host.processes().filter((pid) => pid !== host.runner());
    await host.killRunner();
    host.release('hold-unit-3');
    const looks = await Promise.all([1, 2, 3].map(() => host.look()));
    expect(looks.map(({ state }) => state.kind)).toEqual(['building', 'building', 'building']);
    const left = host.processes();
    expect(orphans.filter((pid) => left.includes(pid))).toEqual([]);
    host.release('hold-unit-5');
    expect((await host.over()).state.kind).toBe('built');
    expect(events(host).filter((event) => event === 'resumed killed')).toHaveLength(1);
    expect(new Set(units(host)).size).toBe(8);
    expect(units(host).length).toBeLessThanOrEqual(9);
  });

  it('when its runner is a zombie, which is no runner', async ({ expect }) => {
    await using host = openBuildHost();
    await host.compiling(1);
    await host.killRunner();
    const parent = host.spawn(['sh', '-c', 'sleep 0 & echo $!; exec sleep 600']);
    const zombie = (await said(parent, '\n')).trim();
    await soon(() => stat(zombie)[0] === 'Z');
    writeFileSync(join(host.job(), 'runner'), `${zombie} ${stat(zombie)[19]} first\n`);
    host.knob('hold-package', '');
    host.release('hold-unit-1');
    expect((await host.look()).state.kind).toBe('building');
    host.release('hold-package');
    expect((await host.over()).state.kind).toBe('built');
    expect(events(host)).toContain('resumed killed');
  });

  it('after a reboot, and leaves alone whoever has its number by then', async ({ expect }) => {
    await using host = openBuildHost();
    await host.compiling(4);
    await host.reboot();
    const stranger = host.spawn(['sh', '-c', 'echo here; exec sleep 600']);
    await said(stranger, 'here');
    writeFileSync(join(host.job(), 'runner'), `${stranger.pid} ${stat(`${stranger.pid}`)[19]} first\n`);
    host.release('hold-unit-4');
    await host.look();
    expect((await host.over()).state.kind).toBe('built');
    expect(host.processes()).toEqual([stranger.pid]);
    expect(events(host)).toContain('resumed reboot');
    expect(new Set(units(host)).size).toBe(8);
  });

  it('after a loss of power that cut files off: objects are made anew, once', async ({ expect }) => {
    await using host = openBuildHost();
    await host.compiling(6);
    await host.reboot();
    for (const unit of [2, 5]) writeFileSync(join(host.objects, `${unit}.o`), 'obj');
    writeFileSync(join(host.job(), 'end'), '');
    writeFileSync(join(host.job(), 'events'), `${host.file('events')}17960`);
    host.release('hold-unit-6');
    // Written, but not yet on the disk: what the bot is told then makes it give the order again.
    writeFileSync(join(host.job(), 'runner.sh'), '');
    expect((await host.look()).state.kind).toBe('none');
    await host.build();
    expect((await host.over()).state.kind).toBe('built');
    expect(events(host).filter((event) => event.startsWith('clean'))).toHaveLength(1);
    expect(events(host)).toContain('resumed reboot');
    expect(units(host)).toHaveLength(8 + 8);
  });
});

describe.concurrent('fails, and says why', () => {
  it('when it is interrupted for the sixth time', async ({ expect }) => {
    await using host = openBuildHost();
    // Else what goes on has built it before it can be killed: units that are done hold nobody up a second time.
    host.knob('hold-package', '');
    await host.compiling(1);
    for (let n = 0; n < 6; n += 1) {
      await host.killRunner();
      await host.look();
    }
    expect((await host.look()).state).toMatchObject({ kind: 'failed', code: 'interrupted' });
    expect(events(host).filter((event) => event.startsWith('resumed'))).toHaveLength(5);
    expect(host.processes()).toEqual([]);
  });

  it('when what it compiles is wrong, without a second try', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('compile', 'echo "tcp.h:125: error: expected \\")\\""; return 1');
    await host.build();
    const answer = await host.over();
    expect(answer.state).toEqual({ kind: 'failed', code: 'compile', text: 'compile failed' });
    expect(answer.stage).toBe('compile');
    expect(host.file('log').trimEnd().split('\n').at(-1)).toBe('tcp.h:125: error: expected ")"');
    expect(units(host)).toHaveLength(8);
  });

  it('as the recipe says it', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('patch', 'fail define-unknown "include/net/tcp.h has no such line"');
    await host.build();
    expect((await host.over()).state).toEqual({
      kind: 'failed',
      code: 'define-unknown',
      text: 'include/net/tcp.h has no such line',
    });
  });

  it('for want of packages', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('missing', 'bc\nflex\n');
    await host.build();
    expect(await host.over()).toMatchObject({
      state: { code: 'dependencies', text: 'bc flex' },
      missing: ['bc', 'flex'],
    });
  });

  it('when the config that came is not the one that was approved', async ({ expect }) => {
    await using host = openBuildHost();
    await host.build(ID, { configSha: 'ab'.repeat(32) });
    expect((await host.over()).state).toMatchObject({ kind: 'failed', code: 'wrong-config' });
  });

  it('when a recipe makes no package', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('check', ': >shipped');
    await host.build();
    expect((await host.over()).state).toMatchObject({ kind: 'failed', code: 'check' });
  });

  it.for([
    ['no-space', 'size=2m', 'cat /dev/zero >"$objects/big"'],
    ['no-inodes', 'size=64m,nr_inodes=100', 'n=0; while : >"$objects/x$n"; do n=$((n + 1)); done; return 1'],
  ] as const)('when the disk is full: %s', async ([code, mount, work], { expect }) => {
    await using host = openBuildHost({ mount });
    host.knob('compile', work);
    await host.build();
    expect((await host.over()).state).toMatchObject({ kind: 'failed', code });
    expect(host.file('end')).toMatch(new RegExp(`^failed ${code} `));
  });

  it('when the disk is full before it begins, and can be cancelled then', async ({ expect }) => {
    await using host = openBuildHost({ mount: 'size=1m' });
    host.carry();
    spawnSync('dd', ['if=/dev/zero', `of=${host.home}/full`, 'bs=4096'], { stdio: 'ignore' });
    expect((await host.build()).state).toMatchObject({ kind: 'failed', code: 'no-space' });
    expect((await host.look()).state.kind).toBe('none');
    rmSync(join(host.home, 'full'));
    expect((await host.ask({ verb: 'cancel' })).state.kind).toBe('cancelled');
  });

  it('when one process wants more memory than the limit', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('compile', 'head -c 300M /dev/zero | tail -c 280M >/dev/null');
    await host.build(ID, { memoryMib: 64 });
    expect((await host.over()).state).toMatchObject({ kind: 'failed', code: 'out-of-memory' });
  });

  it('when all of its processes together have more memory than the limit', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('compile', 'for n in 1 2; do { head -c 40M /dev/zero; sleep 600; } | tail -c 40M & done; wait');
    await host.build(ID, { memoryMib: 60 });
    const { state } = await host.over();
    expect(state).toMatchObject({
      kind: 'failed',
      code: 'out-of-memory',
      text: expect.stringMatching(/limit is 60 MiB$/),
    });
    await soon(() => host.processes().length === 0);
  });

  it('when its time is over', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('hold-unit-1', '');
    await host.build(ID, { limitSeconds: 1 });
    const { state } = await host.over();
    expect(state).toMatchObject({ kind: 'failed', code: 'time-limit', text: expect.stringMatching(/limit is 1 s$/) });
    await soon(() => host.processes().length === 0);
  });

  it('when its time is over and its runner was killed: the orphans end', async ({ expect }) => {
    await using host = openBuildHost();
    host.knob('hold-unit-1', '');
    await host.build(ID, { limitSeconds: 1 });
    await soon(() => units(host).length === 1);
    await host.killRunner();
    await soon(() => host.processes().length === 0);
    expect((await host.over()).state).toMatchObject({ kind: 'failed', code: 'time-limit' });
  });
});

/** What it has said by the time it says this. */
async function said(child: ChildProcess, text: string): Promise<string> {
  let all = '';
  child.stdout?.on('data', (more) => (all += more));
  await soon(() => all.includes(text));
  return all;
}

/** From its third field on: state, parent, group, session … */
function stat(pid: string): readonly string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
}
