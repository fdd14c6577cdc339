import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Deed } from '#change/kind.ts';
import type { Change } from '#domain/change.ts';
import { ALICE, HOST_KEY, NOW } from '../../../test/bot/example-change.ts';
import { BUILDER_KEY, kernelChange, MANIFEST, workingAt } from '../../../test/bot/kernel-change.ts';
import { KERNEL_PLAN } from '../../../test/bot/kernel-plan.ts';
import { kernelOrder } from './order.ts';
import type { KernelPlan } from './plan.ts';

const TEXT = 'tcp-oncall change\t2\n';
const APPROVED = { text: TEXT, signatures: ['c2ln'] };
const ORDER = `${TEXT}end\nsignature\tc2ln\ndone\n`;

function told(change: Change<KernelPlan>, deed: Deed, approved: typeof APPROVED | null = APPROVED) {
  const { input, carry } = kernelOrder(change, deed, 'w0rd', approved);
  if (input.kind !== 'argv') throw new Error('it is a script');
  return { words: input.argv.slice(3), stdin: input.stdin ?? '', carry };
}

describe('a builder is told', () => {
  it('to install what the build needs, with the text that was approved', () => {
    const { words, stdin, carry } = told(kernelChange('prepare'), 'begin');
    expect(words).toEqual(['/usr/local/sbin/tcp-oncall-kernel', '1', 'w0rd', 'prepare', 'aaaaaaaa']);
    expect([stdin, carry]).toEqual([ORDER, undefined]);
    expect(told(kernelChange('prepare'), 'look')).toMatchObject({ stdin: '', words: { 3: 'prepared' } });
  });

  it('to build, once it has the configuration that was seen on the target', () => {
    const { words, stdin, carry } = told(kernelChange('build'), 'begin');
    expect(words.slice(0, 4)).toEqual(['kernel', 'w0rd', 'build', 'aaaaaaaa']);
    expect(words).toEqual(expect.arrayContaining(['recipe=deb', 'seconds=15', 'package=linux-source-6.1']));
    expect(stdin.length).toBeGreaterThan(10_000);
    expect(carry).toEqual({
      from: { host: 'web-01', hostKey: HOST_KEY },
      files: [
        {
          from: '/boot/config-6.1.0-50-amd64',
          to: '.tcp-oncall/kernel/aaaaaaaa/in/config',
          sha256: 'c'.repeat(64),
          mostBytes: 1_048_576,
        },
      ],
      lists: false,
    });
  });

  it('nothing of a configuration that is in the source package', () => {
    const source = { package: 'kernel', version: '5.14.0-503.el9', url: null };
    const plan = { ...KERNEL_PLAN, recipe: 'el9', configSha: null, source } as const;
    expect(told(kernelChange('build', { plan }), 'begin').carry).toBeUndefined();
  });

  it.each([
    ['look', 'look'],
    ['extend', 'look'],
    ['cancel', 'cancel'],
    ['revert', 'cancel'],
  ] as const)('of the deed %s: %s', (deed, verb) => {
    expect(told(kernelChange('build'), deed).words[2]).toBe(verb);
    expect(told(kernelChange('build'), deed).carry).toBeUndefined();
  });
});

describe('a target is told', () => {
  it.each(['boot', 'keep'] as const)('to %s, with the text that was approved and who signed it', (verb) => {
    const { words, stdin } = told(kernelChange(verb), 'begin');
    expect(words).toEqual(['/usr/local/sbin/tcp-oncall-kernel', '1', 'w0rd', verb, 'aaaaaaaa']);
    expect(stdin).toBe(ORDER);
  });

  it('to install what was built, once it has the manifest that was approved and all that it names', () => {
    const { words, stdin, carry } = told(kernelChange('install'), 'begin');
    expect(words).toEqual(['/usr/local/sbin/tcp-oncall-kernel', '1', 'w0rd', 'install', 'aaaaaaaa']);
    expect(stdin).toBe(ORDER);
    expect(carry).toMatchObject({
      from: { host: 'builder-01', hostKey: BUILDER_KEY },
      files: [{ from: '.tcp-oncall/kernel/aaaaaaaa/out/manifest', sha256: MANIFEST }],
      lists: true,
    });
  });

  it.each(['install', 'boot', 'keep'] as const)('only words otherwise, at the gate %s', (gate) => {
    const wish = { what: 'extend', by: ALICE, at: NOW } as const;
    const state = workingAt(1, { wish });
    const words = (deed: Deed) => {
      const { words: all, stdin } = told(kernelChange(gate, { state: { ...state, gate: GATE[gate] } }), deed);
      expect(stdin).toBe('');
      return all.slice(3);
    };
    expect(words('look')).toEqual(['status', 'aaaaaaaa']);
    expect(words('revert')).toEqual(['revert', 'aaaaaaaa']);
    expect(words('cancel')).toEqual(['revert', 'aaaaaaaa']);
    expect(words('extend')).toEqual(['extend', 'aaaaaaaa', NOW.getTime().toString(36)]);
  });

  it('to roll back what was kept, again each time it is asked how that stands', () => {
    for (const deed of ['begin', 'look'] as const) {
      const { words, stdin } = told(kernelChange('rollback'), deed);
      expect([words.slice(3), stdin]).toEqual([['rollback', 'bbbbbbbb'], ORDER]);
    }
    expect(told(kernelChange('rollback'), 'look', null)).toMatchObject({ stdin: '', words: { 3: 'status' } });
  });
});

const GATE = { install: 1, boot: 2, keep: 3 } as const;

describe('the files of an installation', () => {
  /** In place of sudo: what root's program would be given. */
  function install(files: Readonly<Record<string, string>>, home = mkdtempSync(join(tmpdir(), 'kernel-order-'))) {
    const folder = join(home, '.tcp-oncall/kernel/aaaaaaaa');
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const helper = join(home, 'helper');
    writeFileSync(helper, '#!/bin/sh\necho "$*"; cat\n', { mode: 0o755 });
    writeFileSync(join(home, 'sudo'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
    const { input } = kernelOrder(kernelChange('install'), 'begin', 'w0rd', APPROVED);
    if (input.kind !== 'argv') throw new Error('it is a script');
    const [shell, ...words] = input.argv.map((word) => (word === '/usr/local/sbin/tcp-oncall-kernel' ? helper : word));
    const env = { PATH: `${home}:${process.env['PATH']}`, HOME: home };
    try {
      return execFileSync(shell ?? '', words, { input: input.stdin, env, encoding: 'utf8' });
    } catch (error) {
      return (error as { readonly stdout: string }).stdout;
    }
  }

  it('follow the order in one stream, as the manifest lists them', () => {
    const manifest = `tcp-oncall kernel\t1\nfile\t${'1'.repeat(64)}\t3\t-n b.deb\nfile\t${'2'.repeat(64)}\t2\ta.deb\nend\n`;
    const stream = install({ manifest, '-n b.deb': 'BBB', 'a.deb': 'AA', other: 'X' });
    expect(stream).toBe(`1 w0rd install aaaaaaaa\n${ORDER}manifest ${manifest.length}\n${manifest}BBBAA`);
  });

  it('of a change of a month ago are cleared away, and what builds share is not', () => {
    const home = mkdtempSync(join(tmpdir(), 'kernel-order-'));
    const kernels = join(home, '.tcp-oncall/kernel');
    for (const [name, days] of Object.entries({ bbbbbbbb: 40, cccccccc: 20, sources: 40 })) {
      mkdirSync(join(kernels, name), { recursive: true });
      const then = Date.now() / 1000 - days * 86_400;
      utimesSync(join(kernels, name), then, then);
    }
    install({}, home);
    expect(readdirSync(kernels).toSorted()).toEqual(['aaaaaaaa', 'cccccccc', 'sources']);
  });

  it('that are not there are said so, and root is told nothing', () => {
    expect(install({})).toBe('w0rd refused not-carried\n');
  });
});
