import { describe, expect, it } from 'vitest';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import type { CommandResult } from '#domain/command.ts';
import type { Source } from '#domain/evidence.ts';
import { fact } from '#domain/fact.ts';
import { type Host, parseHostName, SSH2 } from '#domain/host.ts';
import { read } from '#domain/reading.ts';
import type { Report } from '#domain/report.ts';
import { found } from '#domain/verdict.ts';
import { type CheckOutcome, checkHost, judgeHere } from './check-host.ts';
import type { RunOnHost } from './ports.ts';

const name = parseHostName('web-01');
if (name === undefined) throw new Error('not a host name');
const HOST: Host = {
  name,
  address: '10.0.0.11',
  port: 22,
  user: 'oncall',
  identityFiles: [],
  groups: [],
  jump: [],
  transport: SSH2,
};

const source: Source<number> = {
  name: 'sockstat',
  cadence: 'each',
  files: [],
  parse: (text) => read(Number(text)),
};
const rule = defineDiagnosis({
  id: 'always',
  area: 'ports',
  needs: ['sockstat'],
  judge: () => found('warn', { n: fact(1, 'sockets', 'sockstat') }),
});

const SAMPLE = (n: number) => `\nB begin ${n} sockstat\n7\nB end ${n} sockstat 0\n\nB done ${n}\n`;
const OUTPUT = { stdout: '', stderr: '', bytes: 0, milliseconds: 1, hostKey: 'SHA256:shown' };

async function check(text: string, result: Partial<CommandResult> = { kind: 'exited', code: 0 }) {
  const first: Report[] = [];
  // `B` stands for the boundary, which is another one each time.
  const run: RunOnHost = async (_, { input, onStdout }) => {
    const boundary = /BOUNDARY=(\S+)/.exec(input.kind === 'script' ? input.script : '')?.[1] ?? '';
    const said = text.replaceAll(/^B\b/gm, boundary);
    for (const character of said) onStdout?.(character);
    return { ...OUTPUT, stdout: said, ...result } as CommandResult;
  };
  const tools = {
    run,
    sources: [source],
    judge: judgeHere([source], Promise.resolve([rule])),
    now: () => new Date(0),
  };
  const outcome = await checkHost({ host: HOST, interval: 5 }, tools, {
    onFirstReport: (report) => first.push(report),
  });
  return { outcome, first };
}

function failureOf(outcome: CheckOutcome) {
  return outcome.kind === 'failed' ? outcome.failure : outcome.report.interruption;
}

describe('checkHost', () => {
  it('judges the first sample at once and both at the end, whatever a login banner says before', async () => {
    const { outcome, first } = await check(`Welcome!\nB\nB begin\n${SAMPLE(1)}${SAMPLE(2)}`);
    expect(first.map(({ samples }) => samples)).toEqual([1]);
    expect(outcome).toMatchObject({ kind: 'report', report: { host: 'web-01', samples: 2, interruption: null } });
    expect(outcome.kind === 'report' && outcome.report.verdicts.map(({ kind }) => kind)).toEqual(['found']);
  });

  it('reports what the first sample says when the connection is lost after it, and says so', async () => {
    const { outcome } = await check(`${SAMPLE(1)}\nB begin 2 sockstat\n`, {
      kind: 'connection-lost',
      why: 'reset by peer.',
    });
    expect(outcome).toMatchObject({ kind: 'report', report: { samples: 1 } });
    expect(failureOf(outcome)).toMatchObject({ kind: 'connection-lost', details: { why: 'reset by peer' } });
  });

  it('says by which key the host was known, once the connection has told', async () => {
    const { outcome, first } = await check(`${SAMPLE(1)}${SAMPLE(2)}`);
    expect(first.map(({ hostKey }) => hostKey)).toEqual([null]);
    expect(outcome).toMatchObject({ report: { hostKey: 'SHA256:shown' } });
  });

  it('fails when the connection is lost before the first sample is complete', async () => {
    const { outcome } = await check('\nB begin 1 sockstat\n', { kind: 'connection-lost', why: 'reset by peer' });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { kind: 'connection-lost' } });
  });

  it.each([
    ['This account is currently not available.\n', 1, 'no-shell'],
    ['', 1, 'no-shell'],
    ['sh: not found\n', 127, 'no-shell'],
    ['Cannot fork\n', 2, 'no-sample'],
    ['', 0, 'no-sample'],
  ])('tells %j with exit status %i from a check: %s', async (said, code, kind) => {
    const { outcome } = await check(said, { kind: 'exited', code });
    expect(failureOf(outcome)?.kind).toBe(kind);
  });

  it('gives no report after an interrupt, even when the first sample was there', async () => {
    const { outcome } = await check(SAMPLE(1), { kind: 'aborted' });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { kind: 'aborted' } });
  });
});
