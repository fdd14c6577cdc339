import { describe, expect, it } from 'vitest';
import { extendToken } from '#change/kind.ts';
import type { Change } from '#domain/change.ts';
import { PROTOCOL } from '#domain/helper-state.ts';
import type { Plan } from '#domain/plan.ts';
import { ALICE, changeOf, NOW, onTrial, takingBack } from '../../../test/bot/example-change.ts';
import { order } from './order.ts';

const TEXT = 'tcp-oncall change\t2\n';
const APPROVED = { text: TEXT, signatures: ['c2ln', 'bmVk'] };
const working = changeOf({ state: { kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false } });
const keeping: Change<Plan> = {
  ...onTrial(),
  state: { kind: 'working', at: NOW, gate: 1, reverts: NOW, wish: null, running: false },
};
const wished = (what: 'revert' | 'extend', at = NOW): Change<Plan> => ({
  ...onTrial(),
  state: { kind: 'waiting', at: NOW, gate: 1, reverts: NOW, wish: { what, by: ALICE, at }, dropped: null },
});

function told(...of: Parameters<typeof order>) {
  const { input } = order(...of);
  if (input.kind !== 'argv') throw new Error('it is a script');
  return { words: input.argv.slice(3), stdin: input.stdin };
}

describe('what a host is told', () => {
  it.each([
    ['apply', working],
    ['keep', keeping],
  ] as const)('to %s, with the text that was approved and who signed it', (verb, change) => {
    const { words, stdin } = told(change, 'begin', 'w0rd', APPROVED);
    expect(words).toEqual(['/usr/local/sbin/tcp-oncall-helper', String(PROTOCOL), 'w0rd', verb, 'aaaaaaaa']);
    expect(stdin).toBe(`${TEXT}end\nsignature\tc2ln\nsignature\tbmVk\ndone\n`);
  });

  it.each([
    ['revert', wished('revert'), ['revert', 'aaaaaaaa', 'trial']],
    ['extend', wished('extend'), ['extend', 'aaaaaaaa', '600', NOW.getTime().toString(36)]],
    ['look', onTrial(), ['status', 'aaaaaaaa']],
    ['look', working, ['status', 'aaaaaaaa']],
    ['cancel', working, ['status', 'aaaaaaaa']],
  ] as const)('to %s, with nothing else', (deed, change, expected) => {
    const { words, stdin } = told(change, deed, 'w0rd', APPROVED);
    expect(words.slice(3)).toEqual(expected);
    expect(stdin).toBe('');
  });

  it('to take back what was kept, again each time it is asked how that stands', () => {
    const state = { kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false } as const;
    for (const deed of ['begin', 'look'] as const)
      expect(told(takingBack({ state }), deed, 'w0rd', APPROVED).words.slice(3)).toEqual(['revert', 'kkkkkkkk']);
  });

  it('nothing by approvals that do not count: then it is only asked', () => {
    const state = { kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false } as const;
    expect(told(takingBack({ state }), 'look', 'w0rd', null).words.slice(3)).toEqual(['status', 'kkkkkkkk']);
  });

  it('has one token for each press, however often it is carried out', () => {
    const [first, later] = [wished('extend'), wished('extend', new Date(NOW.getTime() + 1))];
    expect(extendToken(first)).toBe(extendToken(wished('extend')));
    expect(extendToken(first)).not.toBe(extendToken(later));
    for (const other of [wished('revert'), onTrial(), working, changeOf()]) expect(extendToken(other)).toBe('');
  });
});
