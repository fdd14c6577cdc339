import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { RedisConnection } from '#store/connect-redis.ts';
import { watchRedis } from './watch-redis.ts';

function scene() {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  let now = 0;
  const watched = watchRedis(log as unknown as Logger, () => now);
  const connections = [0, 1].map(() => Object.assign(new EventEmitter(), { status: 'ready' }));
  for (const connection of connections) watched.watch(connection as unknown as RedisConnection);
  const each = (status: string, event: string) => {
    for (const connection of connections) {
      connection.status = status;
      connection.emit(event);
    }
  };
  const lines = () => [log.info, log.warn, log.error].flatMap(({ mock }) => mock.calls);
  return { watched, each, lines, pass: (ms: number) => (now += ms) };
}

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' });

describe('a Redis that goes and comes back', () => {
  it('is one line each, with the reason and for how long, whatever the connections complain of', () => {
    const { watched, each, lines, pass } = scene();
    pass(1000);
    watched.onError(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    each('close', 'close');
    expect(watched.isAway()).toBe(true);
    for (let i = 0; i < 45; i++) {
      pass(66);
      for (const message of ['Connection is closed.', "Stream isn't writeable and enableOfflineQueue options is false"])
        watched.onError(new Error(message));
      watched.onError(refused);
      watched.onError(new Error('Command timed out'));
      each('close', 'close');
    }
    each('ready', 'ready');
    expect(watched.isAway()).toBe(false);
    expect(lines()).toEqual([
      [{ seconds: 3 }, 'Redis is back'],
      [{ why: 'read ECONNRESET' }, 'Redis is away'],
    ]);
  });

  it('is back only when every connection is', () => {
    const { watched, each, lines, pass } = scene();
    pass(1);
    each('close', 'close');
    const [first] = [{ status: 'ready' }];
    expect(first?.status).toBe('ready');
    expect(watched.isAway()).toBe(true);
    each('ready', 'ready');
    expect(lines()).toHaveLength(2);
  });

  it('says nothing when we close the connections ourselves', () => {
    const { watched, each, lines } = scene();
    watched.stop();
    each('end', 'close');
    expect(lines()).toEqual([]);
  });
});

describe('what is no absence', () => {
  it('is said every ten seconds at most when Redis is there and silent', () => {
    const { watched, lines, pass } = scene();
    for (let i = 0; i < 20; i++) {
      watched.onError(new Error('Command timed out'));
      pass(1000);
    }
    expect(lines()).toEqual(Array(2).fill([{ why: 'Command timed out' }, 'Redis does not answer']));
  });

  it('is said every ten seconds at most when a key is of another type', () => {
    const { watched, lines, pass } = scene();
    const why = 'WRONGTYPE Operation against a key holding the wrong kind of value';
    for (let i = 0; i < 20; i++) {
      watched.onError(Object.assign(new Error(why), { name: 'ReplyError' }));
      pass(1000);
    }
    expect(lines()).toEqual(Array(2).fill([{ why }, expect.stringMatching(/^a key in Redis .*readyz/)]));
  });

  it('keeps its stack', () => {
    const { watched, lines } = scene();
    const fault = new TypeError('x is not a function');
    watched.onError(fault);
    expect(lines()).toEqual([[{ err: fault }, 'Redis']]);
    const reply = Object.assign(new Error('ERR unknown command'), { name: 'ReplyError' });
    watched.onError(reply);
    expect(lines()).toContainEqual([{ err: reply }, 'Redis']);
  });
});
