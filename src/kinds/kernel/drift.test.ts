import { describe, expect, it } from 'vitest';
import type { Change, ChangeId, End } from '#domain/change.ts';
import { changeOf, NOW } from '../../../test/bot/example-change.ts';
import { KERNEL_PLAN } from '../../../test/bot/kernel-plan.ts';
import { driftOf } from './drift.ts';

const DONE: End = { how: 'done', by: null, remarks: [] };

function kernel(end: End = DONE, more: Partial<Change> = {}): Change {
  const fields = {
    id: 'bbbbbbbb' as ChangeId,
    kind: 'kernel',
    plan: KERNEL_PLAN,
    state: { kind: 'ended', at: NOW, end },
  } as const;
  return { ...changeOf(), ...fields, ...more };
}

const SYSCTL: Change = changeOf({ state: { kind: 'ended', at: NOW, end: DONE } });

describe('the kernel that was kept', () => {
  it.each([
    ['is what runs', '6.1.192-tw15-bbbbbbbb'],
    ['is what runs, as an rpm', '5.14.0-503.11.1.el9_5.tw15.bbbbbbbb.x86_64'],
  ])('%s', (_what, running) => {
    expect(driftOf([SYSCTL, kernel()], running)).toBeNull();
  });

  it.each([
    ['an update of the distribution', '6.1.0-29-amd64'],
    ['another change', '6.1.192-tw15-cccccccc'],
    ['other seconds', '6.1.192-tw5-bbbbbbbb'],
    ['nothing that is a release', '\u001b[2J'],
  ])('does not run where %s does', (_what, running) => {
    expect(driftOf([SYSCTL, kernel()], running)).toEqual({ change: 'bbbbbbbb', seconds: 15 });
  });

  it.each<[string, readonly Change[]]>([
    ['none was', []],
    ['none was of this kind', [SYSCTL]],
    ['it was not kept', [kernel({ how: 'undone', by: null, why: 'timer', remarks: [] })]],
    ['it was rolled back', [kernel(DONE, { reverts: 'dddddddd' as ChangeId }), kernel()]],
    ['its plan cannot be read', [kernel(DONE, { plan: { host: 'web-01', risk: 'high' } })]],
  ])('need not run where %s', (_what, changes) => {
    expect(driftOf(changes, '6.1.0-29-amd64')).toBeNull();
  });

  it('is the newest one that was done', () => {
    const newer = kernel(DONE, { id: 'eeeeeeee' as ChangeId });
    expect(driftOf([newer, kernel()], '6.1.192-tw15-bbbbbbbb')).toEqual({ change: 'eeeeeeee', seconds: 15 });
  });
});
