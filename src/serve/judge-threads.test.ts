import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Examined, Question } from '#app/examine.ts';
import { recorded } from '../../test/hostile/sections.ts';
import { type Judges, openJudges } from './judge-threads.ts';

const STUCK = fileURLToPath(new URL('../../test/hostile/stuck-judge.mjs', import.meta.url));

function question(host: string): Question {
  const texts = ['host', 'sysctls', 'sockets', 'listeners'].map((name) => [name, recorded(name)] as const);
  const readings = Object.fromEntries(texts.map(([name, text]) => [name, { kind: 'text', text } as const]));
  return {
    samples: [{ readings }],
    about: { host, hostKey: null, startedAt: new Date(0), interval: 5, interruption: null },
    wants: { verdicts: true, plans: true, measures: null },
  };
}

/** Of the program that gets stuck: which thread has answered. */
function threadOf(examined: Examined): unknown {
  return 'thread' in examined ? examined.thread : undefined;
}

let judges: Judges;

describe('judges on threads', () => {
  // To start the real program takes longer than to judge.
  beforeAll(() => {
    judges = openJudges({ threads: 1 });
  });
  afterAll(() => judges.close());

  it('judge, and plan, as this thread would', async () => {
    const answer = await judges.examine(question('web-01'));
    if (answer.kind !== 'answer') throw new Error(JSON.stringify(answer.failure));
    expect(answer.report).toMatchObject({ host: 'web-01', startedAt: new Date(0), samples: 1 });
    expect(answer.report.verdicts.length).toBeGreaterThan(20);
    expect(answer.proposals?.length).toBeGreaterThan(10);
  });

  it('say why a rule failed, and keep the thread', async () => {
    const broken = { ...question('web-01'), samples: [{ readings: null }] } as unknown as Question;
    expect(await judges.examine(broken)).toMatchObject({ kind: 'failed', failure: { kind: 'judging-failed' } });
    expect(await judges.examine(question('web-01'))).toMatchObject({ kind: 'answer' });
  });
});

describe('judges', () => {
  afterEach(() => judges.close());

  it('end one that does not come to an end, leave this thread free meanwhile, and judge the next', async () => {
    judges = openJudges({ threads: 1, deadlineMs: 300, program: STUCK });
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    const [stuck, next] = await Promise.all([
      judges.examine(question('endless')).finally(() => clearInterval(count)),
      judges.examine(question('web-01')),
    ]);
    expect(stuck).toEqual({
      kind: 'failed',
      failure: { kind: 'judging-timed-out', details: { host: 'endless', seconds: 0.3 } },
    });
    expect(next).toMatchObject({ kind: 'answer' });
    expect(turns).toBeGreaterThan(10);
  });

  it('let others wait for a thread that is busy', async () => {
    judges = openJudges({ patienceMs: 60_000, program: STUCK });
    const answers = await Promise.all(['web-01', 'web-02', 'web-03'].map((host) => judges.examine(question(host))));
    expect(new Set(answers.map(threadOf)).size).toBe(1);
  });

  it('let nobody wait for a thread that is stuck', async () => {
    judges = openJudges({ deadlineMs: 60_000, patienceMs: 100, program: STUCK });
    const first = threadOf(await judges.examine(question('web-01')));
    void judges.examine(question('endless'));
    const answers = await Promise.all(['web-01', 'web-02'].map((host) => judges.examine(question(host))));
    const after = await judges.examine(question('web-03'));
    expect([...answers, after].map(threadOf)).not.toContain(first);
  });

  it('end one that takes more memory than it may, and go on', async () => {
    judges = openJudges({ threads: 1, megabytes: 32, program: STUCK });
    const [huge, next] = await Promise.all([judges.examine(question('huge')), judges.examine(question('web-01'))]);
    expect(huge).toEqual({
      kind: 'failed',
      failure: { kind: 'judging-too-large', details: { host: 'huge' } },
    });
    expect(next).toMatchObject({ kind: 'answer' });
  });
});
