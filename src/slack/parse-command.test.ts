import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/hostile/any-text.ts';
import type { Order } from './commands/command.ts';
import { parseCommand, parseMention } from './parse-command.ts';

/** The verb, and what was read behind it. */
function flat({ verb, wanted }: Order): object {
  return { verb, ...wanted };
}

function typedKernel(known: object): object {
  return { host: null, builder: null, seconds: null, config: 'running', reason: '', ...known };
}

describe('parseCommand', () => {
  it.each<[string, object]>([
    ['check web-01', { verb: 'check', host: 'web-01', interval: 5 }],
    ['check web-01 for 30s', { verb: 'check', host: 'web-01', interval: 30 }],
    ['CHECK web-01 FOR 1 m', { verb: 'check', host: 'web-01', interval: 60 }],
    ['check web-01 10s', { verb: 'check', host: 'web-01', interval: 10 }],
    ['check `web-01`', { verb: 'check', host: 'web-01', interval: 5 }],
    ['check “web-01”', { verb: 'check', host: 'web-01', interval: 5 }],
    ['check web_01', { verb: 'check', host: 'web_01', interval: 5 }],
    [
      'check <http://web-01.example.com|web-01.example.com>',
      { verb: 'check', host: 'web-01.example.com', interval: 5 },
    ],
    ['check <http://web-01.example.com>', { verb: 'check', host: 'web-01.example.com', interval: 5 }],
    ['check\u00a0web-01', { verb: 'check', host: 'web-01', interval: 5 }],
    ['check\u3000ｗｅｂ－０１\u3000for\u3000３０ｓ', { verb: 'check', host: 'web-01', interval: 30 }],
    ['check', { verb: 'check', says: 'no-host', details: {} }],
    ['check web-01 30', { verb: 'check', host: 'web-01', interval: 30 }],
    ['check web-01 web-02', { verb: 'check', says: 'too-much', details: { host: 'web-01', word: 'web-02' } }],
    ['check web-01 10.0.0.12', { verb: 'check', says: 'too-much', details: { host: 'web-01', word: '10.0.0.12' } }],
    ['check --all', { verb: 'check', says: 'option', details: { word: '--all' } }],
    ['check web-01 —all', { verb: 'check', says: 'option', details: { word: '—all' } }],
    ['check 10.0.0.11:5432', { verb: 'check', host: '10.0.0.11:5432', interval: 5 }],
    ['fix', { verb: 'fix', host: null, name: null }],
    ['unlock', { verb: 'unlock', host: null }],
    ['check web-01 for 2h', { verb: 'check', says: 'bad-interval', details: { host: 'web-01', word: '2h' } }],
    ['check web-01 for', { verb: 'check', says: 'bad-interval', details: { host: 'web-01', word: 'for' } }],
    ['check web-01 for 0.5s', { verb: 'check', says: 'bad-interval', details: { host: 'web-01', word: '0.5s' } }],
    ['kernel status', { verb: 'kernel', what: 'status' }],
    ['kernel', { verb: 'kernel', what: 'says', says: 'which', details: {} }],
    ['kernel build', { verb: 'kernel', what: 'build', typed: typedKernel({}) }],
    ['kernel build for web-01', { verb: 'kernel', what: 'build', typed: typedKernel({ host: 'web-01' }) }],
    [
      'kernel build web-01 timewait 15s on builder-01 because ports run out',
      {
        ...{ verb: 'kernel', what: 'build' },
        typed: typedKernel({ host: 'web-01', seconds: 15, builder: 'builder-01', reason: 'ports run out' }),
      },
    ],
    [
      'kernel build modules timewait=5 for web-01',
      { verb: 'kernel', what: 'build', typed: typedKernel({ host: 'web-01', seconds: 5, config: 'modules' }) },
    ],
    [
      'kernel build for web-01 timewait=-1',
      { verb: 'kernel', what: 'says', says: 'word', details: { word: 'timewait=-1' } },
    ],
    ['kernel build for web-01 timewait', { verb: 'kernel', what: 'says', says: 'word', details: { word: 'timewait' } }],
    ['kernel build web-01 web-02', { verb: 'kernel', what: 'says', says: 'word', details: { word: 'web-02' } }],
    ['explain', { verb: 'explain', id: null }],
    ['explain close-wait-leak', { verb: 'explain', id: 'close-wait-leak' }],
    ['hosts', { verb: 'hosts' }],
    ['status', { verb: 'status' }],
    ['cancel web-01', { verb: 'cancel', target: 'web-01' }],
    ['', { verb: 'help', about: null }],
    ['  help  ', { verb: 'help', about: null }],
    ['help nosuch', { verb: 'help', about: 'nosuch' }],
    ['help /tcp fix', { verb: 'help', about: 'fix' }],
    ['chekc web-01', { verb: 'help', about: 'chekc' }],
  ])('%j', (text, command) => {
    expect(flat(parseCommand(text))).toEqual(command);
  });

  it('makes something known of anything, and an interval is always a usable one', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          fc.string().map((text) => `check ${text}`),
        ),
        (text) => {
          const { wanted } = parseCommand(text);
          if ('interval' in wanted && 'host' in wanted) {
            const interval = Number(wanted.interval);
            expect(Number.isInteger(interval) && interval >= 1 && interval <= 60).toBe(true);
            expect(wanted.host).not.toMatch(/\s/);
          }
        },
      ),
    );
  });
});

describe('parseMention', () => {
  const isHost = (word: string) => ['web-01', 'lb-01', 'check'].includes(word.toLowerCase());
  const lb = { verb: 'check', host: 'lb-01', interval: 5 };

  it.each<[string, object]>([
    ['<@UBOT> check lb-01', lb],
    ['prod is slow, <@UBOT> check lb-01 please', lb],
    ['prod is slow, <@UBOT|oncall>: can you check lb-01?', lb],
    ['could you check the lb-01 host, <@UBOT>', lb],
    ['<@UBOT>、check\u3000lb-01。お願いします', lb],
    ['本番が遅いです。<@UBOT> lb-01をcheckしてください', lb],
    ['<@UBOT> check lb-01 お願いします', lb],
    ['<@UBOT> please check lb-01 for 30 s, thanks', { ...lb, interval: 30 }],
    [
      '<@UBOT> check lb-01 for 30 seconds',
      { verb: 'check', says: 'bad-interval', details: { host: 'lb-01', word: '30 seconds' } },
    ],
    ['<@UBOT> check lb-01 for 2h', { verb: 'check', says: 'bad-interval', details: { host: 'lb-01', word: '2h' } }],
    ['<@UBOT> check lb-01 again in 5 minutes', lb],
    ['<@UBOT> check lb-01 and web-01', { verb: 'check', says: 'too-much', details: { host: 'lb-01', word: 'web-01' } }],
    ['<@UBOT> check lb-01 --all please', { verb: 'check', says: 'option', details: { word: '--all' } }],
    ['<@UBOT> check the mail server', { verb: 'check', host: 'the', interval: 5 }],
    ['<@UBOT> what is the status?', { verb: 'status' }],
    ['<@UBOT> freeze prod', { verb: 'freeze', on: true, group: 'prod' }],
    ['<@UBOT> Freeze off', { verb: 'freeze', on: false, group: '*' }],
    ['<@UBOT> unlock lb-01', { verb: 'unlock', host: 'lb-01' }],
    ['<@UBOT> do not freeze prod', { verb: 'help', about: 'do' }],
    ['<@UBOT> never unlock lb-01', { verb: 'help', about: 'never' }],
    ['cancel it? <@UBOT>', { verb: 'help', about: null }],
    ['<@UBOT> help me please', { verb: 'help', about: null }],
    ['<@UBOT> can you help me?', { verb: 'help', about: null }],
    ['<@UBOT> help fix', { verb: 'help', about: 'fix' }],
    ['<@UBOT> hello', { verb: 'help', about: 'hello' }],
    ['<@UBOT>', { verb: 'help', about: null }],
  ])('%s', (text, command) => expect(flat(parseMention(text, 'UBOT', isHost))).toEqual(command));

  it('changes nothing unless its name is followed by the word for it', () => {
    const word = fc.constantFrom('freeze', 'unlock', 'cancel', 'prod', 'lb-01', 'do', 'not', 'check', '<@UBOT>');
    fc.assert(
      fc.property(fc.array(word), (said) => {
        const { verb } = parseMention(said.join(' '), 'UBOT', isHost);
        const first = said.slice(said.indexOf('<@UBOT>') + 1).find((each) => each !== '<@UBOT>');
        if (['freeze', 'unlock', 'cancel'].includes(verb)) expect(first).toBe(verb);
      }),
    );
  });
});
