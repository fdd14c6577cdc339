import { describe, expect, it } from 'vitest';
import { type Bound, boundText } from './bound.ts';

const BOUND: Bound = {
  change: 'abcd2345',
  kind: 'sysctl',
  gate: 'apply',
  host: 'web-01',
  hostKey: `SHA256:${'k'.repeat(43)}`,
  risk: 'low',
  revertSeconds: 600,
  requester: 'slack:U0ALICE',
  breakGlass: false,
  expiresAt: new Date('2026-01-01T12:00:00.900Z'),
  reverts: null,
  artefact: null,
  lines: [
    ['netns', '4026531840'],
    ['step', 'net.ipv4.tcp_tw_reuse', 'netns', '2', '1'],
  ],
};

describe('what approvals are bound to', () => {
  it('is one text, of lines in one order', () => {
    expect(boundText(BOUND)).toBe(
      [
        'tcp-oncall change\t2',
        'change\tabcd2345',
        'kind\tsysctl',
        'gate\tapply',
        'host\tweb-01',
        `hostkey\tSHA256:${'k'.repeat(43)}`,
        'risk\tlow',
        'revert\t600',
        'requester\tslack:U0ALICE',
        'break-glass\tno',
        'expires\t1767268800',
        'reverts\t-',
        'artefact\t-',
        'netns\t4026531840',
        'step\tnet.ipv4.tcp_tw_reuse\tnetns\t2\t1',
        '',
      ].join('\n'),
    );
  });

  it('is another text for another value of any field', () => {
    const others: Partial<Bound> = { change: 'b', kind: 'kernel', gate: 'keep', host: 'db-01', hostKey: null };
    const more: Partial<Bound> = { risk: 'high', revertSeconds: 60, requester: 'slack:U0BOB', breakGlass: true };
    const rest: Partial<Bound> = { expiresAt: null, reverts: 'abcd2346', artefact: 'ab12', lines: [] };
    const all = Object.entries({ ...others, ...more, ...rest });
    expect(all.map(([name]) => name)).toEqual(Object.keys(BOUND));
    const texts = all.map(([name, value]) => boundText({ ...BOUND, [name]: value }));
    expect(new Set([boundText(BOUND), ...texts]).size).toBe(texts.length + 1);
  });

  it.each(['a\tb', 'a\nb', 'a\r', ''])('has no value %j, which would make another line or none', (value) => {
    expect(() => boundText({ ...BOUND, host: value })).toThrow(RangeError);
    expect(() => boundText({ ...BOUND, lines: [['netns', value]] })).toThrow(RangeError);
  });
});
