import { describe, expect, it } from 'vitest';
import { connectionFailure } from './connection-failure.ts';

const failure = (message: string, facts: object = {}) =>
  connectionFailure(Object.assign(new Error(message), facts), 10);

describe('connectionFailure', () => {
  it.each([
    [
      'connect ECONNREFUSED',
      { code: 'ECONNREFUSED', level: 'client-socket' },
      { kind: 'refused', why: 'nothing listens there (connection refused)' },
    ],
    [
      'getaddrinfo ENOTFOUND x',
      { code: 'ENOTFOUND', level: 'client-socket' },
      { kind: 'unreachable', why: 'its name cannot be resolved' },
    ],
    [
      'connect EHOSTUNREACH',
      { code: 'EHOSTUNREACH', level: 'client-socket' },
      { kind: 'unreachable', why: 'no route to it' },
    ],
    [
      'Timed out while waiting for handshake',
      { level: 'client-timeout' },
      { kind: 'unreachable', why: 'no SSH login within 10 s' },
    ],
    [
      'read ECONNRESET',
      { code: 'ECONNRESET', level: 'client-socket' },
      { kind: 'connection-lost', why: 'the host reset the connection' },
    ],
    [
      'Too many authentication failures',
      { code: 2 },
      { kind: 'authentication-failed', why: 'too many authentication failures' },
    ],
    [
      'Handshake failed: no matching C->S cipher',
      { code: 2, level: 'handshake' },
      { kind: 'ssh-unfit', why: 'no matching C->S cipher' },
    ],
    [
      'Connection lost before handshake.',
      { level: 'protocol' },
      { kind: 'connection-lost', why: 'connection lost before handshake' },
    ],
  ])('%s', (message, facts, expected) => expect(failure(message, facts)).toEqual(expected));

  it('lets nothing through that a terminal would obey', () => {
    const { why } = { why: '', ...failure(`Bye\u001b[2J\u202e\r\n${'x'.repeat(500)}`) };
    expect(why).toMatch(/^bye \[2J x+$/);
    expect(why).toHaveLength(200);
  });
});
