import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { loadWords } from '#catalogue.ts';
import { fact, named, rows } from '#domain/fact.ts';
import type { Report } from '#domain/report.ts';
import { reportSchema, wordFindings, wordReport } from './document.ts';
import { neutralJson } from './neutral.ts';

const PAGE = {
  file: '/site/runbooks/a/README.md',
  address: 'runbooks/a/README.md',
  wording: { title: 'A', summary: '{{n}} to {{peer}}', why: 'because of {{n}}', next: ['do'], ruledOut: 'only {{n}}' },
};

const REPORT: Report = {
  host: 'web-01',
  hostKey: null,
  startedAt: new Date('2026-11-20T13:50:12Z'),
  interval: 5,
  samples: 1,
  kernel: '6.1.0\u001b[31m',
  distribution: null,
  drift: { change: 'bbbbbbbb', seconds: 15 },
  verdicts: [
    {
      id: 'a',
      kind: 'found',
      severity: 'crit',
      causedBy: null,
      facts: {
        n: fact(26980, 'sockets', 'sockets'),
        peer: named('10.0.0.5\u001b[2J', 'sockets'),
        all: rows([{ n: fact(1, 'sockets', 'sockets') }], 'sockets'),
      },
    },
    { id: 'a', kind: 'unknown', reason: { code: 'no-permission', what: 'dmesg', reading: 'kernel-log' } },
    { id: 'a', kind: 'ruled-out', facts: { n: fact(12, 'sockets', 'sockets') } },
  ],
  unreadable: [{ source: 'kernel-log', sample: 2, code: 'no-permission', what: 'dmesg' }],
  interruption: { kind: 'connection-lost', details: { host: 'web-01', why: 'reset by peer' } },
};

const vocabulary = { language: 'en', words: await loadWords('en', null), pages: new Map([['a', PAGE]]) } as const;

function document() {
  return wordReport(REPORT, vocabulary);
}

describe('the report document', () => {
  it('words each verdict with its own page and neutralises what the host said', async () => {
    const { verdicts, kernel, interruption, unreadable } = document();
    expect(verdicts.map(({ summary }) => summary)).toEqual([
      '26,980 to 10.0.0.5\\x1b[2J',
      'Not known: dmesg can be read by root only.',
      'only 12',
    ]);
    expect(verdicts.map(({ why }) => why)).toEqual(['because of 26,980', null, null]);
    expect(verdicts[1]?.reason).toEqual({ code: 'no-permission', what: 'dmesg', reading: 'kernel-log' });
    expect(kernel).toBe('6.1.0\\x1b[31m');
    expect(interruption).toBe('The connection to web-01 was lost: reset by peer.');
    expect(unreadable).toEqual([
      {
        source: 'kernel-log',
        sample: 2,
        code: 'no-permission',
        what: 'dmesg',
        sentence: 'dmesg can be read by root only.',
      },
    ]);
  });

  it('names the page that asks for a fact the rule does not give', async () => {
    const page = { ...PAGE, wording: { ...PAGE.wording, why: '{{nobody}}' } };
    expect(() => wordReport(REPORT, { ...vocabulary, pages: new Map([['a', page]]) })).toThrow(
      /^\/site\/runbooks\/a\/README\.md: "nobody" not defined/,
    );
  });

  it('is the same for who shows findings, but for the sentences of what was ruled out', async () => {
    const { verdicts, ...all } = document();
    const shown = verdicts.map((verdict) => (verdict.verdict === 'ruled-out' ? { ...verdict, summary: '' } : verdict));
    expect(wordFindings(REPORT, vocabulary)).toEqual({ ...all, verdicts: shown });
  });

  it('is what docs/report.schema.json describes', async () => {
    const validate = new Ajv2020({ validateFormats: false, allowUnionTypes: true }).compile(reportSchema());
    expect(validate(JSON.parse(neutralJson(document()))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...document(), host: 5 })).toBe(false);
  });

  it('has its schema in docs/report.schema.json (vitest -u writes it)', async () => {
    await expect(`${JSON.stringify(reportSchema(), null, 2)}\n`).toMatchFileSnapshot('../../docs/report.schema.json');
  });
});
