import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeId } from '#domain/change.ts';
import {
  changeOf,
  gateOf,
  HOST_KEY,
  KIND,
  minutesLater,
  NOW,
  onTrial,
  planOf,
  stepOf,
} from '../../test/bot/example-change.ts';
import { anyText } from '../../test/hostile/any-text.ts';
import { type Bound, boundOf, boundText, hashOf, openHash } from './bound.ts';

const BOUND: Bound = {
  change: 'aaaaaaaa',
  kind: 'sysctl',
  gate: 'apply',
  host: 'web-01',
  hostKey: HOST_KEY,
  risk: 'low',
  revertSeconds: 600,
  requester: 'slack:U0ALICE',
  breakGlass: false,
  expiresAt: new Date(1_767_225_600_000),
  reverts: null,
  artefact: null,
  lines: [
    ['netns', '4026531840'],
    ['step', 'net.ipv4.tcp_tw_reuse', 'netns', '2', '1'],
  ],
};

describe('the text that an approval is bound to', () => {
  it('is one line a field, in this order, and nothing else', () => {
    expect(boundText(BOUND)).toBe(`tcp-oncall change\t2
change\taaaaaaaa
kind\tsysctl
gate\tapply
host\tweb-01
hostkey\t${HOST_KEY}
risk\tlow
revert\t600
requester\tslack:U0ALICE
break-glass\tno
expires\t1767225600
reverts\t-
artefact\t-
netns\t4026531840
step\tnet.ipv4.tcp_tw_reuse\tnetns\t2\t1
`);
  });

  it('says yes, and what there is, where there is something', () => {
    const text = boundText({
      ...BOUND,
      hostKey: null,
      breakGlass: true,
      reverts: 'bbbbbbbb',
      artefact: 'f'.repeat(64),
    });
    expect(text).toContain('\nhostkey\t-\n');
    expect(text).toContain('\nbreak-glass\tyes\n');
    expect(text).toContain(`\nreverts\tbbbbbbbb\nartefact\t${'f'.repeat(64)}\n`);
  });

  it('is of a plan of sysctls its namespace, its fix and its steps, with "-" for an empty value', () => {
    const steps = [
      stepOf('net.ipv4.ip_local_reserved_ports', { from: '', to: '8080' }),
      stepOf('fs.file-max', { scope: 'host' }),
    ];
    const text = boundOf(KIND, changeOf({ plan: planOf({ netns: null, steps }) }), 0) ?? '';
    expect(text.split('\n').slice(13)).toEqual([
      'netns\t-',
      'fix\treuse-time-wait-ports',
      'step\tnet.ipv4.ip_local_reserved_ports\tnetns\t-\t8080',
      'step\tfs.file-max\thost\t2\t1',
      '',
    ]);
  });

  it('has the hash that sha256sum prints', () => {
    expect(hashOf('tcp-oncall\n')).toBe(createHash('sha256').update('tcp-oncall\n').digest('hex'));
  });
});

const word = anyText({ minLength: 1, maxLength: 12 }).filter((text) => /^[^\p{Cc}\p{Cs}]*$/u.test(text));
const shown = word.filter((text) => text !== '-');
const bound: fc.Arbitrary<Bound> = fc.record({
  change: word,
  kind: word,
  gate: word,
  host: word,
  hostKey: fc.option(shown),
  risk: word,
  revertSeconds: fc.nat(),
  requester: word,
  breakGlass: fc.boolean(),
  // Seconds, as the text has them.
  expiresAt: fc.nat().map((seconds) => new Date(seconds * 1000)),
  reverts: fc.option(shown),
  artefact: fc.option(shown),
  lines: fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
});

describe('its hash', () => {
  it('is another one when any field is', () => {
    const field = fc.constantFrom(...(Object.keys(BOUND) as (keyof Bound)[]));
    fc.assert(
      fc.property(bound, bound, field, (one, other, name) => {
        const mixed = { ...one, [name]: other[name] };
        const same = JSON.stringify(one[name]) === JSON.stringify(other[name]);
        expect(hashOf(boundText(mixed)) === hashOf(boundText(one))).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['kept change', { reverts: 'kkkkkkkk' as ChangeId }],
    ['time on trial', { revertMinutes: 11 }],
    ['person', { requester: { surface: 'cli', id: 'U0ALICE' } as const }],
    ['emergency', { breakGlass: true }],
    ['plan', { plan: planOf({ risk: 'medium' }) }],
    ['namespace', { plan: planOf({ netns: '1' }) }],
    ['fix', { plan: planOf({ fix: 'widen-local-port-range' }) }],
    ['order of steps', { plan: planOf({ steps: planOf().steps.toReversed() }) }],
    ['value', { plan: planOf({ steps: [stepOf('net.ipv4.tcp_tw_reuse', { to: '0' })] }) }],
    ['host', { gates: [gateOf('apply', { host: 'db-01', expiresAt: minutesLater(30) })] }],
    ['host key', { gates: [gateOf('apply', { hostKey: null, expiresAt: minutesLater(30) })] }],
    ['expiry', { gates: [gateOf('apply', { expiresAt: minutesLater(31) })] }],
    ['artefact', { gates: [gateOf('apply', { artefact: 'x', expiresAt: minutesLater(30) })] }],
  ])('of a change is another one with another %s', (_, fields) => {
    expect(openHash(KIND, changeOf(fields))).not.toBe(openHash(KIND, changeOf()));
  });

  it('is of the gate that is open, and of none where none is', () => {
    const trial = onTrial();
    expect(openHash(KIND, trial)).toBe(hashOf(boundOf(KIND, trial, 1) ?? ''));
    expect(boundOf(KIND, trial, 1)).toContain('\ngate\tkeep\n');
    expect(boundOf(KIND, changeOf(), 1)).toBeUndefined();
    expect(boundOf(KIND, changeOf(), 2)).toBeUndefined();
    expect(openHash(KIND, changeOf({ state: { kind: 'ended', at: NOW, end: { how: 'expired' } } }))).toBeUndefined();
  });
});

describe('what could end a line or a value, or be written as two texts are', () => {
  it.each(['\t', '\n', '\r', '\0', '\u001b', '\u007f', '\ud800', '\udfff'])('%j is refused in any value', (bad) => {
    for (const name of [
      'change',
      'kind',
      'gate',
      'host',
      'hostKey',
      'risk',
      'requester',
      'reverts',
      'artefact',
    ] as const)
      for (const value of [`a${bad}b`, ''])
        expect(() => boundText({ ...BOUND, [name]: value }), name).toThrow(RangeError);
    expect(() => boundText({ ...BOUND, lines: [['step', `a${bad}b`]] })).toThrow(RangeError);
    expect(() => boundOf(KIND, changeOf({ plan: planOf({ netns: `1${bad}` }) }), 0)).toThrow(RangeError);
  });

  it('leaves no two texts alike: a line more is never a value', () => {
    fc.assert(
      fc.property(bound, (one) => {
        const lines = boundText(one).slice(0, -1).split('\n');
        expect(lines).toHaveLength(13 + one.lines.length);
        expect(lines.slice(13).map((line) => line.split('\t'))).toEqual(one.lines);
      }),
    );
  });
});
