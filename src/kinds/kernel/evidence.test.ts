import { describe, expect, it } from 'vitest';
import { type Facts, fact, flag, named, setting } from '#domain/fact.ts';
import type { Proposal } from '#domain/plan.ts';
import type { Verdict } from '#domain/verdict.ts';
import { type Checked, kernelEvidence, QUESTIONS } from './evidence.ts';

const INEFFECTIVE = 'tw-reuse-ineffective-no-timestamps';
const DESTINATION = { destination: named('192.0.2.10', 'sockets'), port: setting(3306, 'sockets') };
const PORTS = fact(28_232, 'ports', 'range');

const refused = (fix: string, why: string, facts: Facts = {}): Proposal => ({ kind: 'refused', fix, why, facts });
const unknown = (fix: string): Proposal => ({ kind: 'unknown', fix, reason: { code: 'too-large', what: 'sockets' } });
const planned = (fix: string, facts: Facts): Proposal => ({
  kind: 'plan',
  plan: {
    fix,
    host: 'web-01',
    netns: null,
    kernel: '6.1.0',
    risk: 'low',
    steps: [],
    facts,
    goals: [],
    before: {},
  },
  cures: [],
});

const reuseFacts = { ...DESTINATION, ports: PORTS, timeWait: fact(27_000, 'sockets', 'sockets') };
const widenFacts = { ports: PORTS, used: fact(28_000, 'sockets', 'sockets'), share: fact(0.99, 'ratio', 'share') };
const withPeers = { ...reuseFacts, looked: fact(3, 'sockets', 'x'), withTimestamps: fact(0, 'sockets', 'x') };

const PLAIN: Checked = {
  verdicts: [],
  proposals: [
    refused('reuse-time-wait-ports', 'no-timestamps', withPeers),
    refused('widen-local-port-range', 'already', widenFacts),
  ],
  target: { twTimeout: 'none', finTimeout: 60 },
};

const value = (facts: Facts, name: string) => {
  const given = facts[name];
  return given === undefined || 'rows' in given ? undefined : given.value;
};
const answers = (checked: Checked) => {
  const facts = kernelEvidence(checked);
  return Object.fromEntries(QUESTIONS.map((name) => [name, value(facts, `${name}Answer`)]));
};
const cheaper = (checked: Checked) => value(kernelEvidence(checked), 'cheaper');
const withFix = (...proposals: readonly Proposal[]): Checked => ({ ...PLAIN, proposals });

describe('kernelEvidence', () => {
  it('offers a build where peers lack timestamps and the range is wide', () => {
    expect(answers(PLAIN)).toEqual({
      reuse: 'no-timestamps',
      timestamps: 'lack',
      vendor: 'absent',
      ports: 'wide',
      keepAlive: 'short-lived',
    });
    expect(cheaper(PLAIN)).toBeNull();
  });

  it('names tcp_tw_reuse where it would be enough', () => {
    const facts = { ...withPeers, withTimestamps: fact(3, 'sockets', 'x'), after: fact(1, 'seconds', 'x') };
    const checked = withFix(planned('reuse-time-wait-ports', facts));
    expect(answers(checked)).toMatchObject({ reuse: 'enough', timestamps: 'have' });
    expect(cheaper(checked)).toBe('reuse-time-wait-ports');
  });

  it('names the sysctl of a vendor before anything else', () => {
    expect(cheaper({ ...PLAIN, target: { twTimeout: 60, finTimeout: 60 } })).toBe('tw-timeout');
    expect(answers({ ...PLAIN, target: { twTimeout: null, finTimeout: null } })).toMatchObject({ vendor: 'unknown' });
  });

  it.each([
    [0.4, 'widen-local-port-range'],
    [0.7, null],
  ])('names a wider range where it would leave room (%s)', (newShare, named) => {
    const facts = { ...widenFacts, newPorts: PORTS, newShare: fact(newShare, 'ratio', 'x') };
    const reuse = refused('reuse-time-wait-ports', 'no-timestamps', withPeers);
    expect(cheaper(withFix(reuse, planned('widen-local-port-range', facts)))).toBe(named);
  });

  it('says that nothing is needed where nothing is short', () => {
    const few = { ...reuseFacts, timeWait: fact(12, 'sockets', 'x') };
    const room = { ...widenFacts, used: fact(20, 'sockets', 'x') };
    const proposals = [
      refused('reuse-time-wait-ports', 'not-needed', few),
      refused('widen-local-port-range', 'not-needed', room),
    ];
    expect(cheaper({ ...PLAIN, proposals, target: { twTimeout: 60, finTimeout: 60 } })).toBe('no-shortage');
  });

  it('says that a build is pointless where open connections hold the ports', () => {
    const held = { ...withPeers, timeWait: fact(9_000, 'sockets', 'x') };
    const checked = withFix(
      refused('reuse-time-wait-ports', 'no-timestamps', held),
      refused('widen-local-port-range', 'already', widenFacts),
    );
    expect(answers(checked)).toMatchObject({ keepAlive: 'held' });
    expect(cheaper(checked)).toBe('held');
  });

  const on = (verdict: Verdict): Checked => ({
    ...withFix(
      refused('reuse-time-wait-ports', 'already', reuseFacts),
      refused('widen-local-port-range', 'already', widenFacts),
    ),
    verdicts: [verdict],
  });

  it.each<[string, Verdict]>([
    ['ineffective', { kind: 'found', id: INEFFECTIVE, severity: 'warn', facts: {}, causedBy: null }],
    ['works', { kind: 'ruled-out', id: INEFFECTIVE, facts: { works: flag(true, 'x') } }],
    ['on', { kind: 'ruled-out', id: INEFFECTIVE, facts: { works: flag(false, 'x') } }],
    ['unknown', { kind: 'unknown', id: INEFFECTIVE, reason: { code: 'too-quiet', what: '192.0.2.10:3306' } }],
  ])('of tcp_tw_reuse that is on: %s', (answer, verdict) => {
    expect(answers(on(verdict))['reuse']).toBe(answer);
  });

  it('of timestamps that are off on the host itself, says so', () => {
    const facts = { offHere: flag(true, 'x') };
    expect(answers({ ...PLAIN, verdicts: [{ kind: 'ruled-out', id: INEFFECTIVE, facts }] })['timestamps']).toBe(
      'own-off',
    );
    const off = withFix(refused('reuse-time-wait-ports', 'own-timestamps-off', reuseFacts));
    expect(cheaper(off)).toBe('restore-timestamps');
  });

  it('could not check what could not be read, and says why', () => {
    const reason = { code: 'too-large', what: 'sockets' } as const;
    const checked: Checked = {
      verdicts: [{ kind: 'unknown', id: INEFFECTIVE, reason }],
      proposals: [unknown('reuse-time-wait-ports'), unknown('widen-local-port-range')],
      target: { twTimeout: null, finTimeout: null },
    };
    expect(Object.values(answers(checked))).toEqual(Array(5).fill('unknown'));
    expect(value(kernelEvidence(checked), 'portsReason')).toBe('too-large');
    expect(cheaper(checked)).toBe('not-known');
  });

  it('could not check anything without what fixes say of the host', () => {
    const all = answers({ verdicts: [], proposals: [], target: { twTimeout: 'none', finTimeout: 60 } });
    expect(all).toMatchObject({ reuse: 'unknown', ports: 'unknown', keepAlive: 'unknown', vendor: 'absent' });
  });
});
