import { describe, expect, it } from 'vitest';
import { makeApproverKey } from '#change/signature.ts';
import { type Claim, identify, personOf } from './identity.ts';

const [bob, thief] = [makeApproverKey(), makeApproverKey()];
const PEOPLE = {
  keys: new Map([['U0BOB', bob.publicKey]]),
  logins: new Map([
    ['alice', 'U0ALICE'],
    ['bob', 'U0BOB'],
  ]),
};
const keyOf = (pem: string, named = true) => ({ file: '/home/me/approver.pem', pem, named });
const claim = (fields: Partial<Claim>): Claim => ({ user: undefined, key: undefined, login: undefined, ...fields });
const known = (id: string, privateKey: string | null) => ({
  kind: 'known',
  identity: { actor: { surface: 'slack', id }, privateKey },
});

describe('who acts on the terminal', () => {
  it.each<[string, Partial<Claim>, object]>([
    ['the owner of the key', { key: keyOf(bob.privateKey) }, known('U0BOB', bob.privateKey)],
    ['with --user', { key: keyOf(bob.privateKey), user: 'U0BOB' }, known('U0BOB', bob.privateKey)],
    ['whatever the login', { key: keyOf(bob.privateKey), login: 'alice' }, known('U0BOB', bob.privateKey)],
    ['of a key in its usual place', { key: keyOf(bob.privateKey, false) }, known('U0BOB', bob.privateKey)],
    ['the login', { login: 'alice' }, known('U0ALICE', null)],
    [
      'the login beside a key of no one',
      { login: 'alice', key: keyOf(thief.privateKey, false) },
      known('U0ALICE', null),
    ],
    ['the login beside a broken key', { login: 'alice', key: keyOf('no key', false) }, known('U0ALICE', null)],
  ])('is %s', (_, fields, expected) => {
    expect(identify(claim(fields), PEOPLE)).toEqual(expected);
  });

  it.each<[string, Partial<Claim>]>([
    ['nobody', {}],
    ['nobody', { user: 'U0BOB' }],
    ['nobody', { login: 'eve' }],
    ['nobody', { login: 'eve', key: keyOf(thief.privateKey, false) }],
    ['nobody', { login: '__proto__' }],
    ['badKey', { login: 'bob', key: keyOf('no key') }],
    ['foreignKey', { login: 'bob', key: keyOf(thief.privateKey) }],
    ['otherUser', { user: 'U0ALICE', key: keyOf(bob.privateKey) }],
    ['otherUser', { user: 'U0ALICE', login: 'bob' }],
  ])('is not known: %s', (why, fields) => {
    expect(identify(claim(fields), PEOPLE)).toMatchObject({ kind: 'unknown', why });
  });

  it('is in no user group that could not be asked about', () => {
    const policy = { rules: [], breakGlass: null, admins: { users: [], userGroups: ['S0SRE'] }, freezes: [] };
    const identity = { actor: { surface: 'slack', id: 'U0BOB' }, privateKey: null } as const;
    expect(personOf(identity, policy)).toEqual({ id: 'U0BOB', userGroups: [], notChecked: ['S0SRE'] });
  });
});
