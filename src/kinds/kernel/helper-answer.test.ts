import { describe, expect, it } from 'vitest';
import { kernelHelper } from './helper.ts';
import { KERNEL_STATES, readKernelAnswer } from './helper-answer.ts';

const read = (...lines: readonly string[]) => readKernelAnswer(lines.map((line) => `w ${line}\n`).join(''), 'w');

describe('readKernelAnswer', () => {
  it('reads a trial', () => {
    expect(
      read(
        'state trial 540',
        'release 6.1.192-tw15-abcdefgh',
        'running 6.1.192-tw15-abcdefgh',
        'boot-id 0b2f9f4e-3f0a-4a57-8f4c-0d7a6f1f2c3d',
        'measured before 8.1 500 61.7',
        'measured after 32.4 500 15.4',
        'services before running',
        'services after degraded nginx.service php-fpm.service',
        'extended lx1',
        'journal 1796029453 verified',
      ),
    ).toMatchObject({
      state: { name: 'trial' },
      secondsLeft: 540,
      refused: null,
      release: '6.1.192-tw15-abcdefgh',
      running: '6.1.192-tw15-abcdefgh',
      measured: {
        before: { perSecond: 8.1, ports: 500, seconds: 61.7 },
        after: { perSecond: 32.4, ports: 500, seconds: 15.4 },
      },
      services: {
        before: { state: 'running', failed: [] },
        after: { state: 'degraded', failed: ['nginx.service', 'php-fpm.service'] },
      },
      extended: ['lx1'],
      journal: [{ what: 'verified' }],
    });
  });

  it('takes the last state, with its words', () => {
    expect(read('state installing pin', 'state failed package dpkg: error')?.state).toEqual({
      name: 'failed',
      words: ['package', 'dpkg:', 'error'],
    });
  });

  it('reads a refusal, a version and the state of a builder', () => {
    expect(read('refused busy abcdefgh')).toMatchObject({ state: null, refused: ['busy', 'abcdefgh'] });
    expect(read('version 3 protocol 1')).toMatchObject({ version: 3 });
    expect(read('prepare failed no network')?.prepare).toEqual({ name: 'failed', text: 'no network' });
  });

  it.each([
    ['nothing', ''],
    ['a banner', 'state kept\nWelcome\n'],
    ['another word', 'x state kept\n'],
    ['a state that no helper has', 'w state constructor\n'],
  ])('makes nothing of %s', (_, text) => expect(readKernelAnswer(text, 'w')).toBeUndefined());

  it.each([
    ['release ../../etc/passwd', 'release'],
    [`release ${'a'.repeat(65)}`, 'release'],
    ['running x y', 'running'],
    ['boot-id nonsense', 'bootId'],
    ['version 1e9 protocol 1', 'version'],
  ] as const)('reads nothing in "%s"', (line, name) => expect(read('state kept', line)?.[name]).toBeNull());

  it.each(['measured after -1 500 5', 'measured after 1e9 500 5', 'measured after 5 500', 'measured after 5 500 5 5'])(
    'measures nothing in "%s"',
    (line) => expect(read('state kept', line)?.measured.after).toBeNull(),
  );

  it('takes no more than it needs of an answer without end', () => {
    const answer = read('state kept', ...Array(10_000).fill('extended a'), 'state kept');
    expect(answer?.extended.length).toBeLessThan(500);
    expect(read('state kept', `services after degraded${' unit'.repeat(1000)}`)?.services.after?.failed).toHaveLength(
      20,
    );
  });

  it('knows every state of the script', () => {
    const told = [...kernelHelper().matchAll(/\b(?:say ["']state|become) ([a-z-]+)/g)].map(([, state]) => state);
    expect(KERNEL_STATES).toEqual(expect.arrayContaining(told));
  });
});
