import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deed, extendToken, type Observation } from '#change/kind.ts';
import type { Change, ChangeState, Wish } from '#domain/change.ts';
import type { CommandEnd, CommandResult } from '#domain/command.ts';
import type { Plan } from '#domain/plan.ts';
import { ALICE, minutesLater, NOW, onTrial, takingBack } from '../../../test/bot/example-change.ts';
import { anyText } from '../../../test/hostile/any-text.ts';
import { observe } from './observe.ts';

const KEY = 'net.ipv4.tcp_tw_reuse';
const VALUES = [`value ${KEY} 1`, 'value net.ipv4.tcp_fin_timeout 1'];
const TRIAL = ['state on-trial 600', ...VALUES];

const at = (state: ChangeState): Change<Plan> => ({ ...onTrial(), state });
const wish = (what: Wish['what']): Wish => ({ what, by: ALICE, at: NOW });
const unclear = (gate: number, began: boolean, wished: Wish | null = null): ChangeState => ({
  kind: 'unclear',
  at: NOW,
  gate,
  why: 'timed-out',
  wish: wished,
  began,
});
const waiting = (wished: Wish | null): ChangeState => ({
  kind: 'waiting',
  at: NOW,
  gate: 1,
  reverts: minutesLater(10),
  wish: wished,
  dropped: null,
});
const APPLYING = at({ kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false });
const LOST_APPLY = at(unclear(0, false));
const TRYING = at(waiting(null));
const GOING_BACK = at(waiting(wish('revert')));
const EXTENDING = at(waiting(wish('extend')));
const APPROVED = at({ kind: 'queued', at: NOW, gate: 1, reverts: minutesLater(10), holder: null, away: null });
const KEEPING = at({ kind: 'working', at: NOW, gate: 1, reverts: minutesLater(10), wish: null, running: false });
const LOST_TRIAL = at(unclear(1, true));
const TAKING_BACK = takingBack({
  state: { kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false },
});
const LOST_BACK = takingBack({ state: unclear(0, false) });
const ON_TRIAL = { TRYING, GOING_BACK, EXTENDING, APPROVED, KEEPING, LOST_TRIAL };
const ALL = { APPLYING, LOST_APPLY, ...ON_TRIAL, TAKING_BACK, LOST_BACK };

function result(lines: readonly string[], end: CommandEnd = { kind: 'exited', code: 0 }, stderr = ''): CommandResult {
  const stdout = lines.map((line) => `w0rd ${line}\n`).join('');
  return { stdout, stderr, bytes: stdout.length, milliseconds: 9, hostKey: null, ...end };
}

function said(change: Change<Plan>, lines: readonly string[], deed: Deed = 'look'): Observation {
  return observe(change, deed, result(lines), 'w0rd', NOW);
}

const trialGoesOn = { kind: 'done', gate: 'apply', reverts: minutesLater(10), artefact: null, remarks: [] };
const keptNow = { kind: 'done', gate: 'keep', reverts: null, artefact: null, remarks: [] };
const takenBack = { kind: 'done', gate: 'revert', reverts: null, artefact: null, remarks: [] };
const undone = (why: string) => ({ kind: 'undone', why, remarks: [] });
/** Its journal and what it could not undo are the host's own word. */
const doubt = (why: string, isWord = why === 'journal-gone' || why === 'undo-failed') => ({
  kind: 'unclear',
  why,
  isWord,
});
const neverBegun = { kind: 'refused', failure: { code: 'never-begun', detail: '' } };
const notReverted = { kind: 'refused', failure: { code: 'not-reverted', detail: '' } };

describe('what a host that answers says, of a change in each state', () => {
  it.each<[keyof typeof ALL, readonly [onTrial: object, kept: object, timer: object, none: object]]>([
    ['APPLYING', [trialGoesOn, doubt('state kept'), undone('timer'), neverBegun]],
    ['LOST_APPLY', [trialGoesOn, keptNow, undone('timer'), neverBegun]],
    ['TRYING', [trialGoesOn, keptNow, undone('timer'), doubt('journal-gone')]],
    ['GOING_BACK', [trialGoesOn, keptNow, undone('timer'), doubt('journal-gone')]],
    ['EXTENDING', [trialGoesOn, keptNow, undone('timer'), doubt('journal-gone')]],
    ['APPROVED', [trialGoesOn, keptNow, undone('timer'), doubt('journal-gone')]],
    ['KEEPING', [trialGoesOn, keptNow, undone('timer'), doubt('journal-gone')]],
    ['LOST_TRIAL', [trialGoesOn, keptNow, undone('timer'), doubt('journal-gone')]],
    ['TAKING_BACK', [doubt('state on-trial'), notReverted, takenBack, doubt('journal-gone')]],
    ['LOST_BACK', [doubt('state on-trial'), notReverted, takenBack, doubt('journal-gone')]],
  ])('%s', (name, [trial, kept, timer, none]) => {
    expect(said(ALL[name], TRIAL)).toEqual(trial);
    expect(said(ALL[name], ['state kept'])).toEqual(kept);
    expect(said(ALL[name], ['state reverted timer'])).toEqual(timer);
    expect(said(ALL[name], ['state none'])).toEqual(none);
    expect(said(ALL[name], ['state undo-failed', `undo-failed ${KEY} read-only`])).toEqual(
      doubt(`${KEY} read-only`, true),
    );
    expect(said(ALL[name], ['state listed'])).toEqual(doubt('state listed'));
    expect(said(ALL[name], ['refused locked another helper is at work'])).toEqual(
      doubt('locked another helper is at work'),
    );
  });

  it.each(['person', 'again', 'timer', 'reboot', 'interrupted'])('with the reason why it went back: %s', (word) => {
    const why = word === 'again' ? 'person' : word;
    expect(said(TRYING, [`state reverted ${word}`])).toEqual(undone(why));
    expect(said(TRYING, [`state reverted ${word}: write-failed`])).toEqual(undone(why));
    expect(said(TRYING, ['state reverted'])).toEqual(undone('failed'));
  });

  it('with what stood in the way, where it tried and went back at once', () => {
    const failure = { code: 'write-failed', detail: `${KEY} 1` };
    const lines = [`failed write-failed ${KEY} 1`, 'state reverted failed'];
    expect(said(APPLYING, lines, 'begin')).toEqual({ kind: 'refused', failure });
    expect(said(TRYING, lines)).toEqual(undone('failed'));
    expect(said(APPLYING, [`failed write-failed ${KEY} 1`], 'begin')).toEqual(doubt(`write-failed ${KEY} 1`));
  });

  it('with what it refused: nothing was done', () => {
    const failure = { code: 'drift', detail: `${KEY} 0` };
    for (const change of [APPLYING, KEEPING, TAKING_BACK])
      expect(said(change, [`refused drift ${KEY} 0`], 'begin')).toEqual({ kind: 'refused', failure });
    expect(said(TAKING_BACK, ['state kept', `refused needed ${KEY} bbbbbbbb`], 'begin')).toEqual({
      kind: 'refused',
      failure: { code: 'needed', detail: `${KEY} bbbbbbbb` },
    });
    for (const change of [...Object.values(ON_TRIAL), TAKING_BACK])
      expect(said(change, ['refused unknown'], 'begin')).toEqual(doubt('journal-gone'));
    expect(said(APPLYING, ['refused unknown'], 'begin')).toMatchObject({ kind: 'refused' });
  });

  it('and goes on with its trial where it would not do more, in its words', () => {
    const why = `foreign ${KEY} 0`;
    for (const change of [KEEPING, GOING_BACK, EXTENDING])
      expect(said(change, [...TRIAL, `refused ${why}`])).toEqual({ ...trialGoesOn, why });
  });
});

describe('a trial', () => {
  it('has begun when every value was read back, and not before', () => {
    for (const change of [APPLYING, LOST_APPLY]) {
      expect(said(change, ['state on-trial 600', VALUES[0] as string])).toEqual(doubt('net.ipv4.tcp_fin_timeout ?'));
      expect(said(change, ['state on-trial 600', `value ${KEY} 0`])).toEqual(doubt(`${KEY} 0`));
    }
  });

  it('that is known goes on whatever somebody else has set meanwhile', () => {
    for (const [name, change] of Object.entries(ON_TRIAL))
      expect(said(change, ['state on-trial 600', `value ${KEY} 0`]), name).toEqual(trialGoesOn);
  });

  it('lasts as long as the host says, from now', () => {
    const later = minutesLater(7);
    expect(observe(TRYING, 'look', result(['state on-trial 60']), 'w0rd', later)).toMatchObject({
      reverts: minutesLater(8),
    });
    expect(said(TRYING, ['state on-trial'])).toEqual(doubt('state on-trial'));
    expect(said(TRYING, ['state on-trial 99999'])).toEqual(doubt('state on-trial'));
  });

  it('was prolonged when the host tells the token of the press, and of no other', () => {
    const lost = at(unclear(1, true, wish('extend')));
    for (const change of [EXTENDING, lost]) {
      const token = extendToken(change);
      const longer = { kind: 'extended', reverts: minutesLater(10) };
      for (const deed of ['extend', 'look'] as const)
        expect(said(change, [...TRIAL, 'extended x', `extended ${token}`], deed)).toEqual(longer);
      expect(said(change, [...TRIAL, `extended ${token}0`])).toEqual(trialGoesOn);
    }
    expect(said(TRYING, [...TRIAL, 'extended '])).toEqual(trialGoesOn);
  });
});

describe('a host that does not answer', () => {
  const NEVER: readonly CommandEnd[] = [
    { kind: 'unreachable', why: 'x' },
    { kind: 'refused', why: 'x' },
    { kind: 'host-key-unknown', hop: 'web-01', fingerprint: 'SHA256:x' },
    { kind: 'host-key-changed', hop: 'web-01', fingerprint: 'SHA256:x', knownAt: 'x' },
    { kind: 'host-key-revoked', hop: 'web-01', fingerprint: 'SHA256:x', knownAt: 'x' },
    { kind: 'host-key-other', hop: 'web-01', fingerprint: 'SHA256:x', wanted: 'SHA256:y' },
    { kind: 'known-hosts-unreadable', why: 'x' },
    { kind: 'authentication-failed', why: 'x' },
  ];
  const PERHAPS: readonly CommandEnd[] = [
    { kind: 'connection-lost', why: 'x' },
    { kind: 'timed-out' },
    { kind: 'aborted' },
    { kind: 'too-much-output' },
    { kind: 'signalled', signal: 'KILL' },
    { kind: 'exited', code: 0 },
    { kind: 'exited', code: 2 },
    { kind: 'exited', code: 255 },
  ];

  it.each(NEVER)('has surely not begun what it was told: $kind', (end) => {
    const why = { code: end.kind, detail: end.kind };
    expect(observe(APPLYING, 'begin', result([], end), 'w0rd', NOW)).toEqual({ kind: 'refused', failure: why });
    expect(observe(GOING_BACK, 'revert', result([], end), 'w0rd', NOW)).toEqual({ kind: 'refused', failure: why });
  });

  it.each(PERHAPS)('may have begun it: $kind', (end) => {
    for (const change of Object.values(ALL))
      for (const deed of ['begin', 'revert', 'extend'] as const)
        expect(observe(change, deed, result([], end), 'w0rd', NOW).kind).toBe('unclear');
  });

  it('is never the end of a change that it was only asked about', () => {
    for (const end of [...NEVER, ...PERHAPS, { kind: 'exited', code: 1 }, { kind: 'exited', code: 127 }] as const)
      for (const change of Object.values(ALL))
        for (const deed of ['look', 'cancel'] as const)
          expect(observe(change, deed, result([], end), 'w0rd', NOW).kind).toBe('unclear');
  });

  it('has said nothing when its answer was cut short', () => {
    const cut = result(TRIAL, { kind: 'connection-lost', why: 'x' });
    expect(observe(APPLYING, 'begin', cut, 'w0rd', NOW)).toEqual(doubt('connection-lost'));
  });

  it.each([
    [127, 'sh: 1: tcp-oncall-helper: not found', 'no-helper'],
    [1, 'sudo: /usr/local/sbin/tcp-oncall-helper: No such file', 'no-helper'],
    [1, 'sudo: a password is required', 'no-rights'],
  ])('may have no helper, or no right to it (%d, %s)', (code, stderr, expected) => {
    const answer = result([], { kind: 'exited', code }, stderr);
    expect(observe(APPLYING, 'begin', answer, 'w0rd', NOW)).toMatchObject({ failure: { code: expected } });
  });
});

describe('a host may say anything', () => {
  it('and is believed of the plan’s keys alone', () => {
    const lines = ['state kept', `shadowed ${KEY} /etc/sysctl.conf`, 'shadowed kernel.pid_max /x', `foreign ${KEY} 0`];
    const remarks = [
      { what: 'shadowed', key: KEY, value: '/etc/sysctl.conf' },
      { what: 'foreign', key: KEY, value: '0' },
    ];
    expect(said(TRYING, lines)).toEqual({ ...keptNow, remarks });
    expect(said(TRYING, ['state undo-failed', 'undo-failed kernel.pid_max x'])).toEqual(doubt('undo-failed'));
  });

  it('and a key that a newer change has is no conflict', () => {
    const lines = [
      'state reverted person',
      `conflict ${KEY} 0`,
      `superseded ${KEY} bbbbbbbb`,
      'conflict net.ipv4.tcp_fin_timeout 3',
    ];
    expect(said(TRYING, lines)).toEqual({
      ...undone('person'),
      remarks: [
        { what: 'conflict', key: 'net.ipv4.tcp_fin_timeout', value: '3' },
        { what: 'superseded', key: KEY, value: 'bbbbbbbb' },
      ],
    });
  });

  it('and without our word it has said nothing', () => {
    const banner = { ...result([]), stdout: 'state kept\nother state kept\nw0rdstate kept\n' };
    for (const change of Object.values(ALL)) expect(observe(change, 'look', banner, 'w0rd', NOW).kind).toBe('unclear');
  });

  it('and nothing that it says throws, or ends a change that was on trial as failed', () => {
    const words = fc.constantFrom(
      'state',
      'refused',
      'failed',
      'value',
      'on-trial',
      'reverted',
      'kept',
      'none',
      'unknown',
      KEY,
      '600',
      '',
      '%',
      '\0',
    );
    const line = fc.array(fc.oneof(words, anyText({ maxLength: 5 })), { maxLength: 4 });
    const change = fc.constantFrom(...Object.values(ON_TRIAL));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), change, (lines, one) => {
        const saying = said(
          one,
          lines.map((each) => each.join(' ')),
        );
        expect(saying.kind).not.toBe('refused');
      }),
      { numRuns: 300 },
    );
  });
});
