import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand, parseMention } from './parse-command.ts';

describe('parseCommand', () => {
  it.each<[string, object]>([
    ['check web-01', { kind: 'check', host: 'web-01', interval: 5 }],
    ['check web-01 for 30s', { kind: 'check', host: 'web-01', interval: 30 }],
    ['CHECK web-01 FOR 1 m', { kind: 'check', host: 'web-01', interval: 60 }],
    ['check web-01 10s', { kind: 'check', host: 'web-01', interval: 10 }],
    ['check `web-01`', { kind: 'check', host: 'web-01', interval: 5 }],
    ['check “web-01”', { kind: 'check', host: 'web-01', interval: 5 }],
    ['check web_01', { kind: 'check', host: 'web_01', interval: 5 }],
    [
      'check <http://web-01.example.com|web-01.example.com>',
      { kind: 'check', host: 'web-01.example.com', interval: 5 },
    ],
    ['check <http://web-01.example.com>', { kind: 'check', host: 'web-01.example.com', interval: 5 }],
    ['check\u00a0web-01', { kind: 'check', host: 'web-01', interval: 5 }],
    ['check\u3000ｗｅｂ－０１\u3000for\u3000３０ｓ', { kind: 'check', host: 'web-01', interval: 30 }],
    ['check', { kind: 'check-without-host' }],
    ['check web-01 30', { kind: 'check', host: 'web-01', interval: 30 }],
    ['check web-01 web-02', { kind: 'too-much', host: 'web-01', word: 'web-02' }],
    ['check web-01 10.0.0.12', { kind: 'too-much', host: 'web-01', word: '10.0.0.12' }],
    ['check --all', { kind: 'option', word: '--all' }],
    ['check web-01 —all', { kind: 'option', word: '—all' }],
    ['check 10.0.0.11:5432', { kind: 'check', host: '10.0.0.11:5432', interval: 5 }],
    ['fix', { kind: 'fix-without-host' }],
    ['unlock', { kind: 'unlock-without-host' }],
    ['check web-01 for 2h', { kind: 'bad-interval', word: '2h' }],
    ['check web-01 for', { kind: 'bad-interval', word: 'for' }],
    ['check web-01 for 0.5s', { kind: 'bad-interval', word: '0.5s' }],
    ['explain', { kind: 'explain', id: null }],
    ['explain close-wait-leak', { kind: 'explain', id: 'close-wait-leak' }],
    ['hosts', { kind: 'hosts' }],
    ['status', { kind: 'status' }],
    ['cancel web-01', { kind: 'cancel', target: 'web-01' }],
    ['', { kind: 'help', about: null }],
    ['  help  ', { kind: 'help', about: null }],
    ['help nosuch', { kind: 'help', about: 'nosuch' }],
    ['help /tcp fix', { kind: 'help', about: 'fix' }],
    ['chekc web-01', { kind: 'unknown', word: 'chekc' }],
  ])('%j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it('makes something known of anything, and an interval is always a usable one', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `check ${text}`),
        ),
        (text) => {
          const command = parseCommand(text);
          if (command.kind === 'check') {
            expect(Number.isInteger(command.interval) && command.interval >= 1 && command.interval <= 60).toBe(true);
            expect(command.host).not.toMatch(/\s/);
          }
        },
      ),
    );
  });
});

describe('parseMention', () => {
  const isHost = (word: string) => ['web-01', 'lb-01', 'check'].includes(word.toLowerCase());
  const lb = { kind: 'check', host: 'lb-01', interval: 5 };

  it.each<[string, object]>([
    ['<@UBOT> check lb-01', lb],
    ['prod is slow, <@UBOT> check lb-01 please', lb],
    ['prod is slow, <@UBOT|oncall>: can you check lb-01?', lb],
    ['could you check the lb-01 host, <@UBOT>', lb],
    ['<@UBOT>、check\u3000lb-01。お願いします', lb],
    ['本番が遅いです。<@UBOT> lb-01をcheckしてください', lb],
    ['<@UBOT> check lb-01 お願いします', lb],
    ['<@UBOT> please check lb-01 for 30 s, thanks', { ...lb, interval: 30 }],
    ['<@UBOT> check lb-01 for 30 seconds', { kind: 'bad-interval', word: '30 seconds' }],
    ['<@UBOT> check lb-01 for 2h', { kind: 'bad-interval', word: '2h' }],
    ['<@UBOT> check lb-01 again in 5 minutes', lb],
    ['<@UBOT> check lb-01 and web-01', { kind: 'too-much', host: 'lb-01', word: 'web-01' }],
    ['<@UBOT> check lb-01 --all please', { kind: 'option', word: '--all' }],
    ['<@UBOT> check the mail server', { kind: 'check', host: 'the', interval: 5 }],
    ['<@UBOT> what is the status?', { kind: 'status' }],
    ['<@UBOT> unlock lb-01', { kind: 'unlock', host: 'lb-01' }],
    ['<@UBOT> do not freeze prod', { kind: 'unknown', word: 'do' }],
    ['<@UBOT> never unlock lb-01', { kind: 'unknown', word: 'never' }],
    ['cancel it? <@UBOT>', { kind: 'help', about: null }],
    ['<@UBOT> help me please', { kind: 'help', about: null }],
    ['<@UBOT> can you help me?', { kind: 'help', about: null }],
    ['<@UBOT> help fix', { kind: 'help', about: 'fix' }],
    ['<@UBOT> hello', { kind: 'unknown', word: 'hello' }],
    ['<@UBOT>', { kind: 'help', about: null }],
  ])('%s', (text, command) => expect(parseMention(text, 'UBOT', isHost)).toEqual(command));

  it('changes nothing unless its name is followed by the word for it', () => {
    const word = fc.constantFrom('freeze', 'unlock', 'cancel', 'prod', 'lb-01', 'do', 'not', 'check', '<@UBOT>');
    fc.assert(
      fc.property(fc.array(word), (said) => {
        const { kind } = parseMention(said.join(' '), 'UBOT', isHost);
        const first = said.slice(said.indexOf('<@UBOT>') + 1).find((each) => each !== '<@UBOT>');
        if (['freeze', 'unlock', 'cancel', 'unlock-without-host'].includes(kind))
          expect(first).toBe(kind.replace('-without-host', ''));
      }),
    );
  });
});
