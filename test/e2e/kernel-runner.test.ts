/** The runner of kernel builds on a real machine, with a recipe that compiles in moments: one job is one build, and ends as it is told. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRunnerAnswer } from '#kinds/kernel/runner-answer.ts';
import { type BuildHost, ID, ORDER, openBuildHost, SHELLS, soon, WORD } from '../kernel/build-host.ts';

const SECOND = 'bcdefghi';
const THIRD = 'cdefghij';

const kindOf = ({ state }: { readonly state: { readonly kind: string } }) => state.kind;
const eventsOf = ({ events }: Awaited<ReturnType<BuildHost['look']>>) =>
  events.map(({ kind, text }) => `${kind} ${text}`);
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const units = (host: BuildHost, id = ID) => host.file('log', id).match(/^ {2}CC .*$/gm) ?? [];

describe.each(SHELLS)('by %s', (shell) => {
  it('builds, says each stage, and names all it made by its hash', async ({ expect }) => {
    await using host = openBuildHost({ shell });
    expect(kindOf(await host.build())).toBe('building');
    const answer = await host.over();
    expect(answer.state).toEqual({ kind: 'built', manifest: sha256(join(host.job(), 'out/manifest')) });
    expect(eventsOf(answer).slice(0, 7)).toEqual([
      'accepted fake',
      ...['unpack', 'patch', 'configure', 'compile', 'package', 'check'].map((stage) => `stage ${stage}`),
    ]);
    const name = `linux-image-6.1.0-28-amd64-tw15-${ID}_1_amd64.deb`;
    const lines = host.file('out/manifest').split('\n');
    expect(lines.map((line) => line.split('\t'))).toEqual([
      ['tcp-oncall kernel', '1'],
      ['change', ID],
      ['release', `6.1.0-28-amd64-tw15-${ID}`],
      ['base', '6.1.0-28-amd64'],
      ['seconds', '15'],
      ['source', 'linux-source-6.1', '6.1.119-1', expect.stringMatching(/^[0-9a-f]{64}$/)],
      ['patch', sha256(join(host.job(), 'out/patch'))],
      ['configdiff', sha256(join(host.job(), 'out/config-diff'))],
      ['compiler', 'fake 1.0'],
      ['log', sha256(join(host.job(), 'log'))],
      ['recipe', 'fake'],
      ['file', sha256(join(host.job(), 'out', name)), '56', name],
      ['end'],
      [''],
    ]);
    await soon(() => host.processes().length === 0);
    expect(existsSync(join(host.job(), 'work'))).toBe(false);
  });

  it('goes on after its runner was killed, and ends all of it when cancelled', async ({ expect }) => {
    await using host = openBuildHost({ shell });
    host.knob('hold-compile', '');
    await host.build();
    await soon(() => units(host).length === 8);
    await host.killRunner();
    expect(kindOf(await host.look())).toBe('building');
    await soon(() => eventsCount(host, 'stage compile') === 2);
    expect(await host.ask({ verb: 'cancel' })).toMatchObject({
      state: { kind: 'cancelled' },
      ended: expect.any(Number),
    });
    await soon(() => host.processes().length === 0);
  });
});

describe('one job is one build', () => {
  it('however often and at once it is told', async () => {
    await using host = openBuildHost();
    host.knob('hold-unit-1', '');
    await Promise.all([1, 2, 3, 4].map(() => host.build()));
    const runner = host.runner();
    expect(kindOf(await host.build(ID, { seconds: 20 }))).toBe('building');
    expect(host.runner()).toBe(runner);
    host.release('hold-unit-1');
    const built = await host.over();
    expect((await host.build()).state).toEqual(built.state);
    expect(units(host)).toHaveLength(8);
    expect(host.file('out/manifest')).toContain('seconds\t15\n');
    expect(eventsOf(built).filter((event) => event.startsWith('accepted'))).toHaveLength(1);
  });

  it('of which a host that was only asked keeps nothing', async () => {
    await using host = openBuildHost();
    expect(kindOf(await host.look())).toBe('none');
    expect(existsSync(host.job())).toBe(false);
  });
});

describe('two builds on one host', () => {
  it('queue in their order, and the queue survives a kill and a reboot', async () => {
    await using host = openBuildHost();
    host.knob('hold-compile', '');
    await host.build(ID);
    await soon(() => units(host).length === 8);
    expect((await host.build(SECOND)).state).toEqual({ kind: 'queued', owner: ID });
    expect((await host.build(THIRD)).state).toEqual({ kind: 'queued', owner: ID });
    await host.killRunner(THIRD);
    expect((await host.look(THIRD)).state).toEqual({ kind: 'queued', owner: ID });
    await host.reboot();
    for (const id of [ID, SECOND, THIRD]) await host.look(id);
    expect(kindOf(await host.look(ID))).toBe('building');
    expect((await host.look(SECOND)).state).toEqual({ kind: 'queued', owner: ID });
    host.release('hold-compile');
    const last = await host.over(THIRD);
    expect([kindOf(await host.look(ID)), kindOf(await host.look(SECOND)), kindOf(last)]).toEqual([
      'built',
      'built',
      'built',
    ]);
    const began = (id: string) =>
      Number(/^(\d+) stage unpack$/m.exec(host.file('events', id).split('resumed').at(-1) ?? '')?.[1]);
    expect([began(ID), began(SECOND), began(THIRD)]).toEqual([began(ID), began(SECOND), began(THIRD)].toSorted());
  });

  it('an orphan of a killed runner keeps the host until its own job goes on', async () => {
    await using host = openBuildHost();
    host.knob('pace', '600');
    await host.build(ID);
    await soon(() => units(host).length === 1);
    await host.killRunner();
    expect((await host.build(SECOND)).state).toEqual({ kind: 'queued', owner: ID });
    host.knob('pace', '0');
    await host.look(ID);
    expect([kindOf(await host.over(ID)), kindOf(await host.over(SECOND))]).toEqual(['built', 'built']);
  });

  it('keeps the trees of the two versions that were built last', async () => {
    await using host = openBuildHost();
    const of = (version: string) => ({ source: { package: 'linux', version, url: null } });
    for (const [id, version] of [
      [ID, '1'],
      [SECOND, '2'],
      [THIRD, '3'],
    ] as const) {
      await host.build(id, of(version));
      await host.over(id);
    }
    const flavour = ORDER.configSha?.slice(0, 12);
    const trees = (name: string) => readdirSync(join(host.kernels, name)).sort();
    expect(trees('sources')).toEqual(['linux-2', 'linux-3']);
    expect(trees('objects')).toEqual([`linux-2-${flavour}`, `linux-3-${flavour}`]);
  });
});

describe('cancel', () => {
  it('ends within two seconds every process, also one that has left the session or its environment, or heeds no signal', async () => {
    await using host = openBuildHost({ nice: -15 });
    host.knob(
      'compile',
      `setsid sleep 600 & env -i sleep 601 & sh -c 'trap "" TERM; while :; do sleep 602; done' & : >"$HOME/knobs/there"; sleep 603`,
    );
    await host.build();
    await soon(() => existsSync(join(host.home, 'knobs/there')) && host.processes().length >= 9);
    const ran = await host.run(host.argv({ verb: 'cancel' }));
    expect(host.processes()).toEqual([]);
    expect(ran.milliseconds).toBeLessThan(2000);
    const answer = readRunnerAnswer(ran.stdout, WORD);
    expect(answer).toMatchObject({ state: { kind: 'cancelled' }, ended: expect.any(Number) });
    expect(answer?.ended).toBeGreaterThanOrEqual(9);
    expect(eventsOf(await host.look()).at(-1)).toBe(`cancelled ${answer?.ended} processes`);
  });

  it('is said twice, of a queued job, of what is done, and of what never began', async () => {
    await using host = openBuildHost();
    const cancel = (id: string) => host.ask({ verb: 'cancel' }, id);
    host.knob('hold-unit-1', '');
    await host.build(ID);
    await host.build(SECOND);
    expect(await cancel(SECOND)).toMatchObject({ state: { kind: 'cancelled' }, ended: expect.any(Number) });
    expect(await cancel(SECOND)).toMatchObject({ state: { kind: 'cancelled' }, ended: null });
    expect(kindOf(await host.build(SECOND))).toBe('cancelled');
    host.release('hold-unit-1');
    expect(kindOf(await host.over(ID))).toBe('built');
    expect(await cancel(ID)).toMatchObject({ state: { kind: 'built' }, ended: null });
    expect(await cancel(THIRD)).toMatchObject({ state: { kind: 'cancelled' }, ended: 0 });
    expect(kindOf(await host.build(THIRD))).toBe('cancelled');
    await soon(() => host.processes().length === 0);
  });
});

describe('progress', () => {
  it('is known from what the same build took before', async () => {
    await using host = openBuildHost();
    await host.build(ID);
    await host.over(ID);
    host.knob('compile', 'rm -f "$objects"/*.o');
    host.knob('hold-unit-4', '');
    await host.build(SECOND, { source: { package: 'linux', version: '2', url: null } });
    await soon(() => units(host, SECOND).length === 4);
    expect((await host.look(SECOND)).progress?.percent).toBeNull();
    await host.ask({ verb: 'cancel' }, SECOND);
    host.knob('estimate', '16');
    await host.build(THIRD, { source: { package: 'linux', version: '3', url: null } });
    await soon(() => units(host, THIRD).length === 4);
    expect(await host.look(THIRD)).toMatchObject({
      stage: 'compile',
      progress: { percent: 25 },
      last: 'CC      drivers/4.o',
    });
  });

  it('goes by time where the compiler names no units', async () => {
    await using host = openBuildHost();
    host.knob('units', '0');
    host.knob('compile', 'sleep 1.5');
    await host.build(ID);
    await host.over(ID);
    rmSync(join(host.kernels, 'objects'), { recursive: true });
    host.knob('hold-compile', '');
    await host.build(SECOND);
    await host.until(({ progress }) => progress?.percent === 99, SECOND);
    expect((await host.look(SECOND)).progress?.etaSeconds).toBe(0);
  });

  it('counts on after an interruption, from the units that are done', async () => {
    await using host = openBuildHost();
    host.knob('estimate', '8');
    await host.compiling(4);
    expect((await host.look()).progress?.percent).toBe(50);
    await host.reboot();
    host.knob('hold-unit-6', '');
    host.release('hold-unit-4');
    await host.look();
    await soon(() => units(host).length === 6);
    expect((await host.look()).progress?.percent).toBe(75);
  });
});

function eventsCount(host: BuildHost, event: string): number {
  return host
    .file('events')
    .split('\n')
    .filter((line) => line.endsWith(` ${event}`)).length;
}
