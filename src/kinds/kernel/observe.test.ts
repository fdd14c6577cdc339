import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deed, extendToken, type Observation } from '#change/kind.ts';
import type { Change, ChangeState } from '#domain/change.ts';
import type { CommandEnd, CommandResult } from '#domain/command.ts';
import { ALICE, minutesLater, NOW } from '../../../test/bot/example-change.ts';
import { kernelChange, MANIFEST, workingAt } from '../../../test/bot/kernel-change.ts';
import { anyText } from '../../../test/hostile/any-text.ts';
import { isAsWanted } from './measured.ts';
import { observe } from './observe.ts';
import type { KernelPlan } from './plan.ts';

const RELEASE = '6.1.192-tw15-aaaaaaaa';
const SHA = 'f'.repeat(64);

function result(lines: readonly string[], end: CommandEnd = { kind: 'exited', code: 0 }, stderr = ''): CommandResult {
  const stdout = lines.map((line) => `w0rd ${line}\n`).join('');
  return { stdout, stderr, bytes: stdout.length, milliseconds: 9, hostKey: null, ...end };
}

function said(change: Change<KernelPlan>, lines: readonly string[], deed: Deed = 'look'): Observation {
  return observe(change, deed, result(lines), 'w0rd', NOW);
}

const running = (progress: string) => ({ kind: 'running', progress });
const refused = (code: string, detail = '') => ({ kind: 'refused', failure: { code, detail } });
const done = (gate: string, artefact: string | null) => ({ kind: 'done', gate, reverts: null, artefact, remarks: [] });
const undone = (why: string) => ({ kind: 'undone', why, remarks: [] });
const word = (why: string) => ({ kind: 'unclear', why, isWord: true });

const PREPARING = kernelChange('prepare');
const BUILDING = kernelChange('build');
const INSTALLING = kernelChange('install');
const BOOTING = kernelChange('boot');
const trialState = (fields: object = {}): ChangeState => ({
  kind: 'waiting',
  at: NOW,
  gate: 3,
  reverts: minutesLater(10),
  wish: null,
  dropped: null,
  ...fields,
});
const TRYING = kernelChange('keep', { state: trialState() });
const wished = (what: 'revert' | 'extend') =>
  kernelChange('keep', { state: trialState({ wish: { what, by: ALICE, at: NOW } }) });
const KEEPING = kernelChange('keep', { state: workingAt(3, { reverts: minutesLater(10) }) });
const ROLLING_BACK = kernelChange('rollback');
const unclear = (gate: number, began: boolean): ChangeState => ({
  kind: 'unclear',
  at: NOW,
  gate,
  why: 'timed-out',
  wish: null,
  began,
});
const LOST = kernelChange('boot', { state: unclear(2, true) });

describe('of a builder that prepares', () => {
  it.each([
    ['prepare prepared', done('prepare', null)],
    ['prepare installing', running('prepare')],
    ['prepare failed no network', refused('prepare-failed', 'no network')],
    ['prepare none', { kind: 'not-begun' }],
    ['refused not-allowed gcc', refused('not-allowed', 'gcc')],
  ])('%s', (line, expected) => expect(said(PREPARING, [line], 'begin')).toEqual(expected));

  it('that was only asked, a refusal says nothing', () => {
    expect(said(PREPARING, ['refused locked 12'])).toMatchObject({ kind: 'unclear', isWord: false });
  });
});

describe('of a builder that builds', () => {
  it.each([
    [
      ['state building', 'stage compile', 'progress 42 630 3', 'last CC net/a.o'],
      running('build compile 42 630 3 CC net/a.o'),
    ],
    [['state building'], running('build - - - 0 ')],
    [['state queued bbbbbbbb'], running('queue bbbbbbbb')],
    [['state interrupted reboot'], running('again reboot')],
    [[`state built ${SHA}`], done('build', SHA)],
    [['state none'], { kind: 'not-begun' }],
    [['state cancelled'], undone('person')],
    [['state failed compile net/a.c:12: error'], refused('build-compile', 'net/a.c:12: error')],
    [['state failed dependencies', 'missing flex', 'missing bison'], refused('build-dependencies', 'flex bison')],
  ])('%j', (lines, expected) => {
    for (const deed of ['begin', 'look', 'cancel'] as const) expect(said(BUILDING, lines, deed)).toEqual(expected);
  });

  it('that says nothing, nothing is known; one that was never reached was told nothing', () => {
    expect(observe(BUILDING, 'look', result([], { kind: 'unreachable', why: 'x' }), 'w0rd', NOW).kind).toBe('unclear');
    expect(observe(BUILDING, 'begin', result([], { kind: 'timed-out' }), 'w0rd', NOW).kind).toBe('unclear');
    expect(observe(BUILDING, 'begin', result([], { kind: 'exited', code: 1 }, 'sh: x'), 'w0rd', NOW)).toEqual({
      kind: 'unclear',
      why: 'exit 1 sh: x',
      isWord: false,
    });
    expect(observe(BUILDING, 'begin', result([], { kind: 'unreachable', why: 'x' }), 'w0rd', NOW)).toEqual(
      refused('unreachable', 'unreachable'),
    );
  });
});

describe('of a target', () => {
  it.each([
    ['state installing packages', running('install packages')],
    ['state installed', done('install', MANIFEST)],
    ['state none', refused('never-begun')],
    ['state failed package dpkg: error', refused('target-package', 'dpkg: error')],
    ['state failed cancelled', undone('person')],
    ['state failed stuck /boot/grub/grubenv', word('target-stuck /boot/grub/grubenv')],
    ['state reverted person', undone('person')],
    ['state kept', word('state kept')],
    ['state trial 500', word('state trial')],
    ['refused no-one-shot /boot/grub is on lvm', refused('no-one-shot', '/boot/grub is on lvm')],
  ])('that installs: %s', (line, expected) => expect(said(INSTALLING, [line], 'begin')).toEqual(expected));

  it.each([
    ['state booting', running('boot')],
    ['state verifying', running('verify')],
    ['state installed', { kind: 'not-begun' }],
    ['state none', word('journal-gone')],
    ['state reverted deadline', undone('timer')],
    ['state reverted reboot', undone('reboot')],
    ['state reverting person', running('revert person')],
  ])('that boots: %s', (line, expected) => expect(said(BOOTING, [line])).toEqual(expected));

  it.each([
    ['not-booted 6.1.0-50-amd64', { what: 'not-booted', key: RELEASE, value: '6.1.0-50-amd64' }],
    ['time-wait 61.2', { what: 'other-length', key: RELEASE, value: '61.2' }],
    ['not-measured no ports', { what: 'not-measured', key: RELEASE, value: 'no ports' }],
    ['reboot', { what: 'booted-again', key: RELEASE, value: '' }],
    ['services nginx.service', { what: 'service-failed', key: 'nginx.service', value: RELEASE }],
  ])('that fell back, why: %s', (why, remark) => {
    const lines = [`state fell-back ${why}`, `release ${RELEASE}`, 'running 6.1.0-50-amd64', 'services before running'];
    expect(said(BOOTING, lines)).toEqual({ kind: 'undone', why: 'fell-back', remarks: [remark] });
  });
});

const trial = (...more: readonly string[]) => ['state trial 600', `release ${RELEASE}`, `running ${RELEASE}`, ...more];
const BEFORE = 'measured before 8.1 500 61.7';

it('of a target that knows nothing of it: the order is given again, unless it was called off', () => {
  expect(said(INSTALLING, ['state none'], 'look')).toEqual({ kind: 'not-begun' });
  expect(said(INSTALLING, ['state none'], 'cancel')).toEqual(undone('person'));
});

describe('of a kernel on trial', () => {
  it('has the numbers of before and after, and until when the host waits', () => {
    expect(said(BOOTING, trial(BEFORE, 'measured after 32.4 500 15.4', 'services after running'))).toMatchObject({
      kind: 'done',
      gate: 'boot',
      artefact: MANIFEST,
      reverts: minutesLater(10),
      measured: {
        verdict: 'cured',
        before: { connections: { value: 8.1 }, seconds: { value: 61.7 }, timeWait: { value: 500 } },
        after: { connections: { value: 32.4 }, seconds: { value: 15.4 }, services: { value: '0' } },
      },
    });
  });

  it.each([
    ['cured', ['measured after 32.4 500 15']],
    ['cured', ['measured after 32.4 500 17.875']],
    ['better', ['measured after 32.4 500 17.9']],
    ['better', ['measured after 32.4 500 14.9']],
    ['no-effect', ['measured after 8.2 500 61']],
    ['unknown', []],
    ['worse', ['measured after 32.4 500 15.2', 'services before running', 'services after degraded nginx.service']],
    [
      'cured',
      ['measured after 32.4 500 15.2', 'services before degraded a.service', 'services after degraded a.service'],
    ],
  ])('is judged %s by %j', (verdict, lines) => {
    expect(said(BOOTING, trial(BEFORE, ...lines))).toMatchObject({ measured: { verdict } });
  });

  it.each([5, 15, 60])('takes what a timer wheel makes of %i s, and no more', (seconds) => {
    expect(
      [seconds - 0.1, seconds, seconds * 1.125 + 1, seconds * 1.125 + 1.1].map((t) => isAsWanted(t, seconds)),
    ).toEqual([false, true, true, false]);
  });

  it('that is not the one that runs, is none', () => {
    expect(said(BOOTING, ['state trial 600', `release ${RELEASE}`, 'running 6.1.0-50-amd64'])).toEqual(
      word('running 6.1.0-50-amd64'),
    );
    expect(said(BOOTING, ['state trial 600']).kind).toBe('unclear');
    expect(said(BOOTING, ['state trial', `release ${RELEASE}`, `running ${RELEASE}`]).kind).toBe('unclear');
  });

  it('was prolonged, kept, or refused to be kept', () => {
    const extending = wished('extend');
    expect(said(extending, trial(`extended ${extendToken(extending)}`), 'extend')).toEqual({
      kind: 'extended',
      reverts: minutesLater(10),
    });
    expect(said(KEEPING, ['state kept'], 'begin')).toEqual(done('keep', MANIFEST));
    expect(said(KEEPING, ['state keeping'], 'begin')).toEqual(running('keep'));
    expect(said(KEEPING, trial('refused not-signed 0 of 1'), 'begin')).toMatchObject({
      kind: 'done',
      gate: 'boot',
      why: 'not-signed 0 of 1',
    });
  });
});

describe('of a host that reboots', () => {
  const gone = result([], { kind: 'unreachable', why: 'x' });
  const at = (change: Change<KernelPlan>, minutes: number, deed: Deed = 'look', answer = gone) =>
    observe(change, deed, answer, 'w0rd', minutesLater(minutes));

  it('nothing is feared for ten minutes; then the console is the place to look', () => {
    expect(at(BOOTING, 9.9)).toEqual(running('reboot'));
    expect(at(BOOTING, 10.1)).toEqual({ kind: 'unclear', why: 'not-back', isWord: false });
    expect(at(LOST, 1)).toMatchObject({ kind: 'unclear', why: 'unreachable' });
  });

  it.each<CommandEnd>([
    { kind: 'connection-lost', why: 'x' },
    { kind: 'refused', why: 'x' },
    { kind: 'timed-out' },
    { kind: 'exited', code: 254 },
  ])('%j is part of it', (end) => expect(at(BOOTING, 1, 'look', result([], end))).toEqual(running('reboot')));

  it('another host under its name is not', () => {
    const other = { kind: 'host-key-other', hop: 'web-01', fingerprint: 'x', wanted: 'y' } as const;
    expect(at(BOOTING, 1, 'look', result([], other)).kind).toBe('unclear');
  });

  it('an order that never left is known never to have been given', () => {
    expect(at(BOOTING, 0, 'begin')).toEqual(refused('unreachable', 'unreachable'));
  });

  it('also where it goes back: as it was asked to, by itself, or for a rollback', () => {
    expect(at(wished('revert'), 1, 'look')).toEqual(running('reboot'));
    expect(at(TRYING, 11)).toEqual(running('reboot'));
    expect(at(TRYING, 21)).toMatchObject({ kind: 'unclear', why: 'not-back' });
    expect(at(TRYING, 5)).toMatchObject({ kind: 'unclear', why: 'unreachable' });
    expect(at(ROLLING_BACK, 1)).toEqual(running('reboot'));
  });
});

describe('of a rollback', () => {
  it.each([
    ['state reverted person', done('rollback', null)],
    ['state reverting person', running('revert person')],
    ['state kept', refused('not-reverted')],
    ['state none', word('journal-gone')],
    ['state failed remove rpm: error', word('target-remove rpm: error')],
  ])('%s', (line, expected) => expect(said(ROLLING_BACK, [line], 'begin')).toEqual(expected));

  it('names why the host refused', () => {
    expect(said(ROLLING_BACK, ['state kept', 'refused needed cccccccc'], 'look')).toEqual(
      refused('needed', 'cccccccc'),
    );
  });
});

const ALL = { PREPARING, BUILDING, INSTALLING, BOOTING, TRYING, KEEPING, LOST, ROLLING_BACK };
const ENDS: readonly CommandEnd[] = [
  { kind: 'exited', code: 0 },
  { kind: 'exited', code: 127 },
  { kind: 'timed-out' },
  { kind: 'unreachable', why: '' },
];

describe('whatever a host says', () => {
  const change = fc.constantFrom(...Object.values(ALL));
  const deed = fc.constantFrom<Deed>('begin', 'look', 'revert', 'extend', 'cancel');
  const states = [
    'none',
    'installed',
    'installing x',
    'booting',
    'trial 60',
    'kept',
    'reverted timer',
    'fell-back reboot',
  ];
  const line = fc.oneof(
    fc.constantFrom(...states, `built ${SHA}`, 'building', 'failed x y').map((state) => `state ${state}`),
    fc.constantFrom(`release ${RELEASE}`, `running ${RELEASE}`, 'prepare prepared', 'refused busy x', BEFORE),
    anyText(),
  );
  const answer = fc.tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom(...ENDS));

  it('nothing is thrown, and no gate is passed that was not opened', () => {
    fc.assert(
      fc.property(change, deed, answer, (each, what, [lines, end]) => {
        const observed = observe(each, what, result(lines, end), 'w0rd', NOW);
        if (observed.kind !== 'done' || each.state.kind === 'ended') return;
        const names = each.gates.map(({ name }) => name);
        expect(names.indexOf(observed.gate)).toBeGreaterThanOrEqual(0);
        expect(names.indexOf(observed.gate)).toBeLessThanOrEqual(each.state.gate);
        expect(observed.reverts !== null).toBe(observed.gate === 'boot');
      }),
    );
  });

  it('nothing is refused, and so given up, of a host that was only asked and did not answer', () => {
    fc.assert(
      fc.property(change, fc.constantFrom(...ENDS.slice(1)), (each, end) => {
        expect(observe(each, 'look', result([], end), 'w0rd', NOW).kind).not.toBe('refused');
      }),
    );
  });
});
