import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRedisUrl, withRedisPassword } from './redis-url.ts';

describe('REDIS_URL', () => {
  it.each([
    ['redis://cache', { kind: 'server', address: { host: 'cache', port: 6379 }, tls: false, db: 0 }],
    [
      'rediss://bot:s%40fe@cache:6380/2',
      { kind: 'server', address: { host: 'cache', port: 6380 }, tls: true, db: 2, username: 'bot', password: 's@fe' },
    ],
    [
      'redis://:secret@[::1]:7000',
      { kind: 'server', address: { host: '::1', port: 7000 }, tls: false, db: 0, password: 'secret' },
    ],
    ['unix:///run/redis/redis.sock', { kind: 'socket', path: '/run/redis/redis.sock' }],
    [
      'redis-sentinel://a,b:26380/mymaster',
      {
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 26_380 },
        ],
        name: 'mymaster',
      },
    ],
    [
      'redis-cluster://a:7000,b:7001',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
        ],
        tls: false,
      },
    ],
  ])('%s', (url, place) => {
    expect(parseRedisUrl(url)).toEqual(place);
  });

  it.each([
    '',
    'cache:6379',
    'http://cache',
    'redis://',
    'redis://a,b',
    'redis://a/x',
    'redis-sentinel://a',
    'unix://',
  ])('refuses %j', (url) => {
    expect(parseRedisUrl(url)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseRedisUrl(`redis://${text}`)));
  });
});

describe('a password that is given apart', () => {
  it.each([
    ['redis://cache:6379/1', 'redis://:s%40fe%3A%2F@cache:6379/1'],
    ['rediss://bot@cache', 'rediss://bot:s%40fe%3A%2F@cache'],
    ['redis-sentinel://a,b:26380/mymaster', 'redis-sentinel://:s%40fe%3A%2F@a,b:26380/mymaster'],
    ['redis://bot:other@cache', 'redis://bot:other@cache'],
    ['unix:///run/redis/redis.sock', 'unix:///run/redis/redis.sock'],
    ['cache:6379', 'cache:6379'],
  ])('with %s', (url, joined) => {
    expect(withRedisPassword(url, 's@fe:/')).toBe(joined);
  });

  it('is read as it was given', () => {
    expect(parseRedisUrl(withRedisPassword('redis://cache', 's@fe:/'))).toMatchObject({ password: 's@fe:/' });
  });
});
