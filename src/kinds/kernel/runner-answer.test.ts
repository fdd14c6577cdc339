import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogPart, readRunnerAnswer } from './runner-answer.ts';

const WORD = 'w7';
const SHA = 'ab'.repeat(32);
const said = (...lines: readonly string[]) => lines.map((line) => `${WORD} ${line}\n`).join('');
const read = (...lines: readonly string[]) => readRunnerAnswer(said(...lines), WORD);

describe('how a build stands', () => {
  it('is read with its stage, progress, events and where to go on', () => {
    const answer = read(
      'state building',
      'stage compile',
      'progress 42 310 3',
      'last   CC      net/ipv4/tcp.o',
      'event 4 1796070210 stage compile',
      'event 5 1796070300 resumed reboot',
      'line 5',
    );
    expect(answer).toEqual({
      state: { kind: 'building' },
      stage: 'compile',
      progress: { percent: 42, etaSeconds: 310, quietSeconds: 3 },
      last: 'CC      net/ipv4/tcp.o',
      events: [
        { line: 4, at: new Date('2026-11-30T20:23:30Z'), kind: 'stage', text: 'compile' },
        { line: 5, at: new Date('2026-11-30T20:25:00Z'), kind: 'resumed', text: 'reboot' },
      ],
      line: 5,
      missing: [],
      ended: null,
    });
  });

  it.each([
    ['none', { kind: 'none' }],
    ['queued abcdefgh', { kind: 'queued', owner: 'abcdefgh' }],
    ['queued -', { kind: 'queued', owner: null }],
    ['queued ../../etc', { kind: 'queued', owner: null }],
    [`built ${SHA}`, { kind: 'built', manifest: SHA }],
    ['failed no-space compile: no room left', { kind: 'failed', code: 'no-space', text: 'compile: no room left' }],
    ['failed root', { kind: 'failed', code: 'root', text: '' }],
    ['cancelled', { kind: 'cancelled' }],
    ['interrupted reboot', { kind: 'interrupted', by: 'reboot' }],
  ])('state %s', (line, state) => {
    expect(read(`state ${line}`)?.state).toEqual(state);
  });

  it.each(['', 'built', 'built abc', `built ${SHA}0`, 'failed', 'failed <b>', 'interrupted', 'done', 'constructor'])(
    'nothing is believed of the state "%s"',
    (state) => {
      expect(read(`state ${state}`)).toBeUndefined();
    },
  );

  it('what is not framed by our word is a login banner', () => {
    expect(readRunnerAnswer(`Welcome\nw8 state building\n${said('state cancelled')}state none\n`, WORD)?.state).toEqual(
      {
        kind: 'cancelled',
      },
    );
    expect(readRunnerAnswer('state building\n', WORD)).toBeUndefined();
    expect(readRunnerAnswer('', WORD)).toBeUndefined();
  });

  it('percent and time that the host cannot tell are not zero; 100 is said by "built" alone', () => {
    expect(read('state building', 'progress - - 7')?.progress).toEqual({
      percent: null,
      etaSeconds: null,
      quietSeconds: 7,
    });
    expect(read('state building', 'progress 250 1 0')?.progress?.percent).toBe(99);
    expect(read('state building', 'progress -1 1 x')?.progress).toBeNull();
  });

  it('what lacks packages names them', () => {
    const answer = read('state failed dependencies bc', 'missing bc', 'missing $(reboot)', 'missing perl(Carp)');
    expect(answer?.missing).toEqual(['bc', 'perl(Carp)']);
  });
});

describe('a part of the log', () => {
  it('has its lines and where the next one begins', () => {
    const text = said('state building', 'log 10 28 4000', 'text   CC      a.o', 'text');
    expect(readLogPart(text, WORD)).toEqual({
      state: { kind: 'building' },
      from: 10,
      next: 28,
      size: 4000,
      text: '  CC      a.o\n\n',
    });
  });

  it.each(['log 5 4 10', 'log 0 11 10', 'log 0 99999 99999', 'log -1 0 0', 'log 0 0', 'log 0 1 2 3', 'log a b c'])(
    'is not read from "%s"',
    (line) => {
      expect(readLogPart(said('state building', line), WORD)).toBeUndefined();
    },
  );
});

describe('whatever a host says', () => {
  const words = fc.constantFrom('state', 'built', 'failed', 'event', 'log', 'text', 'missing', 'line', SHA, '9', '-');
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(words, fc.string()), { maxLength: 6 }).map((all) => all.join(' ')),
  );

  it('the answer is bounded and printable, or there is none', () => {
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const answer = read('state building', ...lines);
        const texts = [answer?.last, ...(answer?.missing ?? [])];
        const events = answer?.events ?? [];
        for (const text of [...texts, ...events.map((event) => event.text)])
          expect(text ?? '').toMatch(/^[ -~]{0,200}$/);
        expect(events.every(({ at, line: n }) => Number.isFinite(at.getTime()) && Number.isSafeInteger(n))).toBe(true);
        readLogPart(said(...lines), WORD);
      }),
    );
  });

  it('is read in time that grows with its length alone', () => {
    const long = `${said('state building')}${`${WORD} event 1 1796070210 stage ${' '.repeat(1000)}\n`.repeat(5000)}`;
    const began = performance.now();
    expect(readRunnerAnswer(long, WORD)?.events).toHaveLength(40);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
