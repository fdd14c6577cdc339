import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadChangeWords, loadKindCards } from '#catalogue.ts';
import type { KernelWanted, Notice } from '#domain/check.ts';
import { fact } from '#domain/fact.ts';
import { LANGUAGES } from '#domain/language.ts';
import { noticeText } from '#render/notice-text.ts';
import { BUILDER_SAYS, framed, TARGET_SAYS } from '../../../test/bot/kernel-preflight.ts';
import { type MadePlan, makePlan } from './make-plan.ts';
import { readPlan } from './plan.ts';
import { preflightOrder } from './preflight.ts';

const AIM = { host: 'web-01', builder: 'builder-01', seconds: 15, config: 'running', url: null } as const;
type Aim = Pick<KernelWanted, 'seconds' | 'builder' | 'config' | 'url'> & { readonly host: string };

interface Said {
  readonly aim?: Partial<Aim>;
  readonly target?: readonly string[];
  readonly builder?: readonly string[];
  readonly length?: number;
}

function plan({ aim, target = [], builder = [], length }: Said = {}): MadePlan {
  const facts = { length: fact(length ?? null, 'seconds', 'sockets') };
  return makePlan(
    { ...AIM, ...aim },
    {
      report: { verdicts: [{ kind: 'ruled-out', id: 'timewait-length-nondefault', facts }] },
      proposals: [],
      target: { text: framed('T', TARGET_SAYS, ...target), word: 'T' },
      builder: { text: framed('B', BUILDER_SAYS, ...builder), word: 'B' },
    },
  );
}

const codes = (made: MadePlan) => (made.kind === 'refused' ? made.why.map(({ code }) => code) : made.kind);
const warnings = (made: MadePlan) => (made.kind === 'planned' ? made.warnings.map(({ code }) => code) : made.kind);

const VOICES = await Promise.all(
  LANGUAGES.map(async (language) => ({
    change: await loadChangeWords(language, null),
    kinds: await loadKindCards(language, null),
  })),
);

function expectSentences(notices: readonly Notice[]): void {
  for (const voice of VOICES)
    for (const notice of notices) expect(noticeText(notice, AIM, voice)).toMatch(/[.。]$|on HOST$|: .+$/);
}

const EL9 = [
  'os rocky 9.5',
  'kernel 5.14.0-503.11.1.el9_5.x86_64',
  'package kernel-core 5.14.0-503.11.1.el9_5 kernel-5.14.0-503.11.1.el9_5.src.rpm',
];
const EL9_BUILDER = ['os rocky 9.5', 'recipe el9', 'downloader dnf'];
const SRPM = 'https://vault.example/9/kernel-5.14.0-503.11.1.el9_5.src.rpm';

describe('makePlan', () => {
  it('plans what was asked for, with what both hosts say', () => {
    expect(plan()).toMatchObject({
      kind: 'planned',
      plan: {
        ...AIM_FIELDS,
        recipe: 'deb',
        release: '6.1.0-50-amd64',
        arch: 'x86_64',
        source: { package: 'linux-source-6.1', version: '6.1.192-3', url: null },
        configSha: 'c'.repeat(64),
        modules: [],
        missing: [],
      },
    });
    expect(warnings(plan())).toEqual(['security-updates', 'fin-timeout']);
  });

  it('takes the loaded modules, and what the builder lacks', () => {
    const made = plan({ aim: { config: 'modules' }, builder: ['missing flex', 'missing libelf-dev'] });
    expect(made).toMatchObject({ plan: { modules: ['virtio_net', 'ext4'], missing: ['flex', 'libelf-dev'] } });
  });

  it.each([
    [null, { package: 'kernel', version: '5.14.0-503.11.1.el9_5', url: null }],
    [SRPM, { package: 'kernel', version: '5.14.0-503.11.1.el9_5', url: SRPM }],
  ])('plans an Enterprise Linux kernel from the source RPM of the running one (%s)', (url, source) => {
    const made = plan({ aim: { url }, target: EL9, builder: EL9_BUILDER });
    expect(made).toMatchObject({ kind: 'planned', plan: { recipe: 'el9', source, configSha: null } });
  });

  it('builds a kernel of an earlier change again from the same source', () => {
    const rebuilt = 'package kernel-core 5.14.0-1.tw15.abcdefgh.el9 kernel-5.14.0-1.tw15.abcdefgh.el9.src.rpm';
    const made = plan({ target: [...EL9.slice(0, 2), rebuilt], builder: EL9_BUILDER });
    expect(made).toMatchObject({ plan: { source: { version: '5.14.0-1.el9' } } });
  });

  it('says that another revision of the same kernel is not the same', () => {
    expect(warnings(plan({ builder: ['source linux-source-6.1 6.1.192-4 apt'] }))).toContain('source-revision');
  });
});

const AIM_FIELDS = { host: 'web-01', builder: 'builder-01', seconds: 15, config: 'running' };

describe('refuses', () => {
  it.each<[string, Said]>([
    ['seconds-too-few', { aim: { seconds: 4 } }],
    ['seconds-too-many', { aim: { seconds: 61 } }],
    ['already', { length: 14.9 }],
    ['unread', { target: ['secure-boot -'] }],
    ['unread', { builder: ['account -'] }],
    ['arch', { target: ['arch ppc64le'], builder: ['arch ppc64le'] }],
    ['no-recipe', { target: ['os alpine 3.19'] }],
    ['target-container', { target: ['container docker'] }],
    ['other-system', { builder: ['recipe el9', 'os rocky 9.5'] }],
    ['other-arch', { builder: ['arch aarch64'] }],
    ['builder-root', { builder: ['account 0'] }],
    ['no-tools', { builder: ['tool-missing flock'] }],
    ['cannot-prepare', { builder: ['missing flex', 'helper none'] }],
    ['builder-space', { builder: ['disk home 5000000 2000000 ext4'] }],
    ['builder-inodes', { builder: ['disk home 40000000 1000 ext4'] }],
    ['builder-memory', { builder: ['memory 500000 400000'] }],
    ['no-kernel-helper', { target: ['helper none'] }],
    ['no-kernel-rights', { target: ['helper no-rights'] }],
    ['on-trial', { target: ['trial abcdefgh'] }],
    ['boot-space', { target: ['disk boot 100000 5000 ext4'] }],
    ['no-config', { target: ['config -'] }],
    ['no-modules', { aim: { config: 'modules' }, target: ['modules-more 20'] }],
    ['modules-of-rpm', { aim: { config: 'modules' }, target: EL9, builder: EL9_BUILDER }],
    ['secure-boot', { target: ['secure-boot on'] }],
    ['lockdown', { target: ['lockdown integrity'] }],
    ['no-bootloader', { target: ['one-shot no no-bootloader'] }],
    ['no-grub-tool', { target: ['one-shot no no-tool'] }],
    ['no-grubenv', { target: ['one-shot no no-grubenv'] }],
    ['boot-device', { target: ['one-shot no lvm'] }],
    ['boot-device', { target: ['one-shot no constructor'] }],
    ['no-package', { target: ['package - - -', 'kernel custom', 'kernel-text #1 SMP'] }],
    ['no-source', { builder: ['source -'] }],
    ['source-version', { builder: ['source linux-source-6.1 6.1.150-1 apt'] }],
    [
      'source-version',
      { target: ['os ubuntu 22.04', 'kernel-text #1-Ubuntu', 'package linux-image-5.15 5.15.0-1.1 -'] },
    ],
    ['other-source', { aim: { url: SRPM.replace('503', '504') }, target: EL9, builder: EL9_BUILDER }],
    ['url-of-deb', { aim: { url: SRPM } }],
    ['no-downloader', { target: EL9, builder: [...EL9_BUILDER.slice(0, 2), 'downloader none'] }],
  ])('%s', (code, said) => {
    const made = plan(said);
    expect(codes(made)).toContain(code);
    expectSentences(made.kind === 'refused' ? made.why : []);
  });

  it('everything at once, not one problem for each request', () => {
    expect(codes(plan({ target: ['helper none', 'secure-boot on'], builder: ['account 0'] }))).toEqual([
      'no-kernel-helper',
      'secure-boot',
      'builder-root',
    ]);
  });

  it.each(['', 'T preflight 2\nT end\n', 'T preflight 1\nT os debian 12\n', 'banner\n'])(
    'what is cut off: %j',
    (text) => {
      const looked = {
        report: { verdicts: [] },
        proposals: [],
        builder: { text: framed('B', BUILDER_SAYS), word: 'B' },
      };
      const made = makePlan(AIM, { ...looked, target: { text, word: 'T' } });
      expect(made).toEqual({ kind: 'refused', why: [{ code: 'preflight-cut-off', details: { host: 'web-01' } }] });
    },
  );
});

it.each<[string, Said]>([
  ['out-of-tree', { target: ['dkms zfs'] }],
  ['out-of-tree', { target: ['module nvidia POE'] }],
  ['signed-modules', { target: ['signed-modules-only yes'] }],
  ['ec2', { target: ['machine Amazon EC2'] }],
  ['little-memory', { builder: ['memory 1500000 1000000'] }],
  ['builder-container', { builder: ['container lxc'] }],
])('warns of %s', (code, said) => {
  const made = plan(said);
  expect(warnings(made)).toContain(code);
  expectSentences(made.kind === 'planned' ? made.warnings : []);
  // Those who approve read them too.
  expect(JSON.stringify(made.kind === 'planned' && made.plan.facts['warnings'])).toContain(`"${code}"`);
});

it('never throws for what hosts say, and plans nothing that could not be read again', () => {
  const line = fc.oneof(fc.constantFrom(...TARGET_SAYS, ...BUILDER_SAYS), fc.string());
  const value = fc.tuple(
    fc.constantFrom(...[...TARGET_SAYS, ...BUILDER_SAYS].map((each) => each.split(' ')[0])),
    fc.string(),
  );
  const lines = fc.array(
    fc.oneof(
      line,
      value.map((pair) => pair.join(' ')),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(lines, lines, (target, builder) => {
      const made = plan({ target, builder });
      if (made.kind === 'planned') expect(readPlan(structuredClone(made.plan))).toEqual({ plan: made.plan });
    }),
  );
});

it('is asked of both hosts with the same script, its words apart', () => {
  const { input } = preflightOrder('builder', 'w0rd');
  expect(input).toMatchObject({ kind: 'argv', argv: ['sh', '-s', 'w0rd', 'builder'] });
});
