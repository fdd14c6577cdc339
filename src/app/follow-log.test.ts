import { describe, expect, it } from 'vitest';
import type { ChangeId } from '#domain/change.ts';
import type { Command, CommandResult } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { exited, UNREACHABLE } from '../../test/bot/command-results.ts';
import { hostNamed } from '../../test/bot/host-named.ts';
import { followLog } from './follow-log.ts';

const builder = hostNamed('builder-01', []);
const WORD = 'w0rd';

interface Said {
  readonly text: string;
  readonly next: number;
  readonly size: number;
  readonly state?: string;
}

function part({ text, next, size, state = 'building' }: Said): CommandResult {
  const lines = text.split('\n').slice(0, -1);
  const said = [`state ${state}`, `log 0 ${next} ${size}`, ...lines.map((line) => `text ${line}`)];
  return exited(said.map((line) => `${WORD} ${line}\n`).join(''));
}

const says = (line: string) => exited(`Welcome!\n${WORD} ${line}\n`);

async function follow(answers: readonly CommandResult[], follows: boolean, giveUp = new AbortController()) {
  const left = [...answers];
  let pauses = 0;
  const [shown, offsets, silences]: [string[], number[], string[]] = [[], [], []];
  async function run(_: Host, { input, hostKey }: Command): Promise<CommandResult> {
    expect(hostKey).toBe('SHA256:k');
    if (input.kind === 'argv') offsets.push(Number(input.argv.at(-1)?.replace('offset=', '')));
    const answer = left.shift();
    if (left.length === 0 && answer?.kind === 'aborted') giveUp.abort();
    return answer ?? expect.unreachable('asked once too often');
  }
  const wanted = { id: 'abcdefgh' as ChangeId, builder, hostKey: 'SHA256:k', follow: follows, signal: giveUp.signal };
  const tools = {
    run,
    word: () => WORD,
    pause: async () => void pauses++,
    show: (text: string) => shown.push(text),
    onSilence: ({ kind }: CommandResult) => silences.push(kind),
  };
  const end = await followLog(wanted, tools);
  return { end, shown: shown.join(''), offsets, silences, pauses, left: left.length };
}

describe('followLog', () => {
  it('shows what there is, portion by portion, and ends there', async () => {
    const answers = [
      part({ text: 'one\n', next: 4, size: 12 }),
      part({ text: 'two\n', next: 8, size: 12 }),
      // A line that is not whole yet.
      part({ text: '', next: 8, size: 12 }),
    ];
    expect(await follow(answers, false)).toEqual({
      end: { kind: 'shown' },
      shown: 'one\ntwo\n',
      offsets: [0, 4, 8],
      silences: [],
      pauses: 0,
      left: 0,
    });
  });

  it('follows until the build is over, from the queue on, and over a time when the host is silent', async () => {
    const answers = [
      says('state queued zzzzzzzz'),
      part({ text: 'one\n', next: 4, size: 4 }),
      UNREACHABLE,
      UNREACHABLE,
      part({ text: 'two\n', next: 8, size: 10 }),
      part({ text: 'end\n', next: 12, size: 12, state: 'failed compile error' }),
    ];
    expect(await follow(answers, true)).toEqual({
      end: { kind: 'shown' },
      shown: 'one\ntwo\nend\n',
      offsets: [0, 0, 4, 4, 4, 8],
      silences: ['unreachable'],
      pauses: 4,
      left: 0,
    });
  });

  it.each<[string, CommandResult, object]>([
    ['has no such job', says('state none'), { kind: 'no-log' }],
    ['says nothing that can be read', exited('nonsense\n'), { kind: 'unreadable' }],
    ['does not let us in', { ...UNREACHABLE, kind: 'authentication-failed', why: 'x' }, { kind: 'failed' }],
  ])('ends where the host %s', async (_, answer, end) => {
    expect((await follow([answer], true)).end).toMatchObject(end);
  });

  it('does not wait for a silent host where it is not to follow', async () => {
    expect((await follow([UNREACHABLE], false)).end).toMatchObject({ kind: 'failed', result: { kind: 'unreachable' } });
  });

  it('never goes back, and asks no host without a pause that only says that there is more', async () => {
    const answers = [
      part({ text: 'one\n', next: 4, size: 9 }),
      part({ text: '', next: 0, size: 9 }),
      part({ text: '', next: 9, size: 9, state: 'built x'.replace('x', 'a'.repeat(64)) }),
    ];
    expect(await follow(answers, true)).toMatchObject({
      end: { kind: 'shown' },
      offsets: [0, 4, 4],
      pauses: 1,
      left: 0,
    });
  });

  it('ends when it is not wanted any more', async () => {
    const answers = [part({ text: 'one\n', next: 4, size: 4 }), { ...UNREACHABLE, kind: 'aborted' } as CommandResult];
    expect((await follow(answers, true)).shown).toBe('one\n');
  });
});
