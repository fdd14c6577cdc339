import { describe, expect, it } from 'vitest';
import { PROTOCOL, whyUnready } from './helper-state.ts';
import { absent, read, unreadable } from './reading.ts';

const runs = (version: number, protocol = PROTOCOL) => read({ kind: 'runs', version, protocol } as const);

describe('a host', () => {
  it.each([
    ['with a helper that is new enough', runs(2), null],
    ['with a newer one', runs(3), null],
    ['with an older one', runs(1), { why: 'too-old', has: '1', needs: '2' }],
    ['with one of another protocol', runs(9, 7), { why: 'other-protocol', has: '7', needs: String(PROTOCOL) }],
    ['without one', absent('tcp-oncall-helper'), { why: 'not-set-up', has: '', needs: '' }],
    [
      'whose account may not run it',
      read({ kind: 'no-rights', said: 'a password is required' } as const),
      { why: 'no-rights', has: 'a password is required', needs: '' },
    ],
  ])('%s', (_, helper, why) => {
    expect(whyUnready(helper, 2)).toEqual(why);
  });

  it.each([unreadable('too-slow', 'sudo'), unreadable('no-permission', '/usr/local'), unreadable('not-collected', '')])(
    'that could not be looked at is not one without a helper: %o',
    (helper) => expect(whyUnready(helper, 2)).toBeNull(),
  );
});
