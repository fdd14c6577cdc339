/** Bolt's log lines in ours. Its debug lines hold whole payloads, so they are not passed on. */
import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from './tools.ts';

export function boltLogger(log: Log): Logger {
  const say =
    (how: 'info' | 'warn' | 'error') =>
    (...words: unknown[]) =>
      log[how]({ from: 'bolt' }, words.map(wordOf).join(' '));
  return {
    debug() {},
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}

function wordOf(word: unknown): string {
  if (word instanceof Error) return word.message;
  return typeof word === 'string' ? word : JSON.stringify(word);
}
