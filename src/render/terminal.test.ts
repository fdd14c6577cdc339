import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { loadTemplate, loadWords } from '#catalogue.ts';
import type { Language } from '#domain/language.ts';
import type { ReportDocument, VerdictDocument } from './document.ts';
import { renderReport } from './terminal.ts';

const BASE: VerdictDocument = {
  id: 'a',
  title: 't',
  verdict: 'ruled-out',
  severity: null,
  summary: 's',
  why: null,
  next: [],
  facts: {},
  causedBy: null,
  fixes: ['reuse-time-wait-ports'],
  runbook: 'runbooks/a/README.md',
  reason: null,
};

const EXHAUSTED: VerdictDocument = {
  ...BASE,
  id: 'ephemeral-port-exhaustion-per-destination',
  title: 'Outgoing connections to one destination are running out of local ports',
  verdict: 'found',
  severity: 'crit',
  summary:
    '26,980 of 28,232 local ports from 10.0.0.11 to 10.0.0.5:3306 are taken (96 %); the rest is gone in 52 s at this rate.',
  why: 'Each connection to 10.0.0.5:3306 needs a local port of its own, and 26,012 of them are held by TIME_WAIT for 60 s after the close.',
  next: ['Keep connections to 10.0.0.5:3306 open and reuse them (keep-alive, a pool).', 'Otherwise widen the range.'],
  facts: {
    used: {
      value: 26980,
      unit: 'sockets',
      from: 'sockets: of this source, destination and port, local port within the range',
    },
    share: { value: 0.9557, unit: 'ratio', from: 'used / ports' },
    ceiling: { value: 470.5, unit: 'per-second', from: 'ports / 60 s of TIME_WAIT' },
    secondsLeft: { value: null, unit: 'seconds', from: '(ports - used) / growth' },
    busiest: {
      rows: [
        {
          destination: { value: '10.0.0.5', unit: 'none', from: 'sockets' },
          used: { value: 26980, unit: 'sockets', from: 'sockets' },
        },
      ],
      from: 'sockets: the busiest destinations',
    },
  },
};

const SLOW: VerdictDocument = {
  ...BASE,
  id: 'ephemeral-half-used-slow-connect',
  title: 'connect() is slow because it searches for a free port',
  verdict: 'found',
  severity: 'warn',
  summary: '96 % of the ports to 10.0.0.5:3306 are taken.',
  causedBy: EXHAUSTED.id,
};

const UNSEEN: VerdictDocument = {
  ...BASE,
  id: 'fd-limit-near',
  verdict: 'unknown',
  reason: { code: 'no-permission', what: 'processes', reading: 'processes' },
};

const RULED_OUT: VerdictDocument = { ...BASE, id: 'tw-recycle-enabled', summary: 'this kernel has no tcp_tw_recycle.' };

const REPORT: ReportDocument = {
  schema: 'tcp-oncall.report/1',
  language: 'en',
  host: 'web-01',
  startedAt: '2026-11-20T13:50:12.345Z',
  interval: 5,
  samples: 2,
  interruption: null,
  drift: null,
  kernel: '6.1.0-18-amd64',
  distribution: 'Debian GNU/Linux 12 (bookworm)',
  verdicts: [EXHAUSTED, SLOW, UNSEEN, RULED_OUT],
  unreadable: [],
};

async function show(report: ReportDocument, { all = false, colour = false, width = 80 } = {}): Promise<string> {
  const language: Language = report.language;
  const [words, template] = await Promise.all([
    loadWords(language, null),
    loadTemplate(`terminal.${language}.hbs`, null),
  ]);
  return renderReport(report, { words, template, width, colour, all });
}

describe('a report in the terminal', () => {
  it('says the verdict first, then numbers, why, what to do, what is not known, what is ruled out', async () => {
    expect(await show(REPORT)).toMatchInlineSnapshot(`
      "web-01: 1 critical, 1 warning

      CRIT  Outgoing connections to one destination are running out of local ports
        26,980 of 28,232 local ports from 10.0.0.11 to 10.0.0.5:3306 are taken (96 %);
        the rest is gone in 52 s at this rate.

        Each connection to 10.0.0.5:3306 needs a local port of its own, and 26,012 of
        them are held by TIME_WAIT for 60 s after the close.

        What to do
        1. Keep connections to 10.0.0.5:3306 open and reuse them (keep-alive, a pool).
        2. Otherwise widen the range.

        It also explains
        - WARN connect() is slow because it searches for a free port. 96 % of the
          ports to 10.0.0.5:3306 are taken. (ephemeral-half-used-slow-connect)

        Runbook  tcp-oncall explain ephemeral-port-exhaustion-per-destination
        Fix      tcp-oncall plan web-01 reuse-time-wait-ports

      Could not be checked: 1 of 4 diagnoses
        The account may not read what they need:
        - fd-limit-near: processes
        -> Let the account see them, with this in /etc/sudoers.d/tcp-oncall on the
           host (sudo 1.9.10 or newer; docs/security.md has one for older):
             ACCOUNT ALL=(root) NOPASSWD: /usr/bin/dmesg "", \\
             /usr/bin/ls ^-ln( /proc/([0-9]+|self)/(ns/net|fd(/[0-9]+)?))+$, \\
             /usr/bin/ls ^-f /proc/[0-9]+/fd$

      Ruled out: 1 of 4 diagnoses (with their numbers: --all)

      Checked  2026-11-20 13:50:12 UTC; two samples 5 s apart; Linux 6.1.0-18-amd64,
               Debian GNU/Linux 12 (bookworm)
      "
    `);
  });

  it('shows every number with its source when asked for all', async () => {
    expect(await show(REPORT, { all: true })).toMatchInlineSnapshot(`
      "web-01: 1 critical, 1 warning

      CRIT  Outgoing connections to one destination are running out of local ports
        26,980 of 28,232 local ports from 10.0.0.11 to 10.0.0.5:3306 are taken (96 %);
        the rest is gone in 52 s at this rate.
          used         26,980 sockets  sockets: of this source, destination and port,
                                       local port within the range
          share        96 %            used / ports
          ceiling      471 a second    ports / 60 s of TIME_WAIT
          secondsLeft  -               (ports - used) / growth
          busiest                      sockets: the busiest destinations
            - destination 10.0.0.5, used 26,980 sockets

        Each connection to 10.0.0.5:3306 needs a local port of its own, and 26,012 of
        them are held by TIME_WAIT for 60 s after the close.

        What to do
        1. Keep connections to 10.0.0.5:3306 open and reuse them (keep-alive, a pool).
        2. Otherwise widen the range.

        It also explains
        - WARN connect() is slow because it searches for a free port. 96 % of the
          ports to 10.0.0.5:3306 are taken. (ephemeral-half-used-slow-connect)

        Runbook  tcp-oncall explain ephemeral-port-exhaustion-per-destination
        Fix      tcp-oncall plan web-01 reuse-time-wait-ports

      Could not be checked: 1 of 4 diagnoses
        The account may not read what they need:
        - fd-limit-near: processes
        -> Let the account see them, with this in /etc/sudoers.d/tcp-oncall on the
           host (sudo 1.9.10 or newer; docs/security.md has one for older):
             ACCOUNT ALL=(root) NOPASSWD: /usr/bin/dmesg "", \\
             /usr/bin/ls ^-ln( /proc/([0-9]+|self)/(ns/net|fd(/[0-9]+)?))+$, \\
             /usr/bin/ls ^-f /proc/[0-9]+/fd$

      Ruled out: 1 of 4 diagnoses
        - tw-recycle-enabled: this kernel has no tcp_tw_recycle.

      Checked  2026-11-20 13:50:12 UTC; two samples 5 s apart; Linux 6.1.0-18-amd64,
               Debian GNU/Linux 12 (bookworm)
      "
    `);
  });

  it('is natural Japanese, wrapped as Japanese is', async () => {
    expect(
      await show({
        ...REPORT,
        language: 'ja',
        verdicts: [
          {
            ...EXHAUSTED,
            title: '特定の宛先へ接続するためのローカルポートが足りなくなっています',
            summary:
              '10.0.0.11 から 10.0.0.5:3306 宛てのローカルポートを 28,232 個中 26,980 個使っています（96%）。このままでは残り 52秒で使い切ります。',
            why: '10.0.0.5:3306 への接続は1本ごとにローカルポートを1つ使い、切断後も60秒間は TIME_WAIT が手放しません（現在 26,012 個）。',
            next: ['10.0.0.5:3306 への接続を使い回す（keep-alive、コネクションプール）。'],
          },
          { ...SLOW, title: '空きポートを探すために connect() が遅くなっています', summary: '96% を使用中です。' },
          UNSEEN,
          RULED_OUT,
        ],
      }),
    ).toMatchInlineSnapshot(`
      "web-01: 重大 1 件、警告 1 件

      重大  特定の宛先へ接続するためのローカルポートが足りなくなっています
        10.0.0.11 から 10.0.0.5:3306 宛てのローカルポートを 28,232 個中 26,980 個
        使っています（96%）。このままでは残り 52秒で使い切ります。

        10.0.0.5:3306 への接続は1本ごとにローカルポートを1つ使い、切断後も60秒間は
        TIME_WAIT が手放しません（現在 26,012 個）。

        対処
        1. 10.0.0.5:3306 への接続を使い回す（keep-alive、コネクションプール）。

        これが原因で起きていること
        - 警告 空きポートを探すために connect() が遅くなっています。96% を使用中です。
          （ephemeral-half-used-slow-connect）

        ランブック  tcp-oncall explain ephemeral-port-exhaustion-per-destination
        対処の計画  tcp-oncall plan web-01 reuse-time-wait-ports

      判定できなかったもの: 4 件中 1 件
        アカウントに読む権限がない:
        - fd-limit-near: processes
        -> ホストの /etc/sudoers.d/tcp-oncall に次の行を置くと見えるようになります
           （ACCOUNT はアカウント名。sudo 1.9.10 以降。古い sudo 用は
           docs/security.md）:
             ACCOUNT ALL=(root) NOPASSWD: /usr/bin/dmesg "", \\
             /usr/bin/ls ^-ln( /proc/([0-9]+|self)/(ns/net|fd(/[0-9]+)?))+$, \\
             /usr/bin/ls ^-f /proc/[0-9]+/fd$

      該当しなかったもの: 4 件中 1 件（--all で数値も表示）

      計測  2026-11-20 13:50:12 UTC、5秒間隔で2回、Linux 6.1.0-18-amd64、Debian
            GNU/Linux 12 (bookworm)
      "
    `);
  });

  it('names the template that cannot be used', async () => {
    const words = await loadWords('en', null);
    const view = { words, width: 80, colour: false, all: false };
    const template = { text: '{{#if host}', file: '/site/templates/terminal.en.hbs' };
    expect(() => renderReport(REPORT, { ...view, template })).toThrow(
      /^\/site\/templates\/terminal\.en\.hbs: Parse error/,
    );
  });

  it('never calls a host fine when something could not be checked', async () => {
    expect((await show({ ...REPORT, verdicts: [RULED_OUT] })).split('\n')[0]).toBe('web-01: nothing found');
    expect((await show({ ...REPORT, verdicts: [UNSEEN, RULED_OUT] })).split('\n')[0]).toBe(
      'web-01: nothing found in what could be checked',
    );
    for (const verdicts of [[UNSEEN], []])
      expect((await show({ ...REPORT, verdicts })).split('\n')[0]).toBe('web-01: could not be checked');
  });

  it('says so when the second sample is missing', async () => {
    const text = await show({
      ...REPORT,
      samples: 1,
      interruption: 'The connection to web-01 was lost: reset by peer.',
    });
    expect(text).toContain('The connection to web-01 was lost: reset by peer. What follows is from the first');
    expect(text).toContain('one sample;');
  });

  it('keeps to 80 columns and uses no control characters unless colour is wanted', async () => {
    const plain = await show(REPORT, { all: true });
    expect(Math.max(...plain.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the point of the test.
    expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(await show(REPORT, { colour: true })).toContain('\u001b[31mCRIT');
  });
});
