import { describe, expect, it } from 'vitest';
import { ruleSchema } from './config-rule.ts';

const SYSCTL = { name: 'sysctl', gates: [{ name: 'apply', first: true, trial: false }] };
const KERNEL = {
  name: 'kernel',
  gates: [
    { name: 'build', first: true, trial: false },
    { name: 'boot', first: false, trial: false },
  ],
};
const SAID = { groups: ['*'], ask: 'members', approve: { users: ['U0BOB'] } };

function problemsOf(rule: object): readonly string[] {
  const parsed = ruleSchema([SYSCTL, KERNEL]).safeParse({ ...SAID, ...rule });
  return parsed.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
}

describe('a rule where there are several kinds', () => {
  it('may speak of the gates of every kind that it is for', () => {
    expect(problemsOf({ gates: { apply: {}, boot: { approvals: 2 } } })).toEqual([]);
    expect(problemsOf({ kinds: ['kernel'], gates: { boot: {} } })).toEqual([]);
  });

  it('may not speak of a gate that its kinds do not have', () => {
    expect(problemsOf({ kinds: ['sysctl'], gates: { boot: {} } })).toEqual([
      'gates.boot is not a gate of sysctl: known gates here are apply',
    ]);
    expect(problemsOf({ kinds: ['apt'] })).toEqual(['kinds.0 is not a kind of change: it must be sysctl or kernel']);
  });

  it('must name people who can sign, at each gate that wants signatures', () => {
    expect(problemsOf({ kinds: ['sysctl'], gates: { apply: { outsideSlack: true, approvals: 2 } } })).toEqual([
      'approve must name users for all approvals of the gate apply (2): with outsideSlack Slack is not asked, so user groups do not count',
    ]);
    expect(problemsOf({ approvals: 2, outsideSlack: true, gates: { build: { approvals: 1 } } })).toEqual([
      'approve must name users for all approvals of the gate apply (2): with outsideSlack Slack is not asked, so user groups do not count',
    ]);
  });
});
