import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from './parse-command.ts';

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
    ['check web-01 for 2h', { kind: 'bad-interval', word: '2h' }],
    ['check web-01 for', { kind: 'bad-interval', word: 'for' }],
    ['check web-01 for 0.5s', { kind: 'bad-interval', word: '0.5s' }],
    ['explain', { kind: 'explain', id: null }],
    ['explain close-wait-leak', { kind: 'explain', id: 'close-wait-leak' }],
    ['hosts', { kind: 'hosts' }],
    ['status', { kind: 'status' }],
    ['cancel web-01', { kind: 'cancel', target: 'web-01' }],
    ['', { kind: 'help' }],
    ['  help  ', { kind: 'help' }],
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
