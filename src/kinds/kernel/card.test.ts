import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadChangeWords, loadKindCards } from '#catalogue.ts';
import { type Facts, fact, named, rows, setting } from '#domain/fact.ts';
import { LANGUAGES, type Language } from '#domain/language.ts';
import type { KindCard } from '#render/kind-card.ts';
import { fill } from '#render/words.ts';
import { NOW } from '../../../test/bot/example-change.ts';
import { kernelChange } from '../../../test/bot/kernel-change.ts';
import { KERNEL_PLAN } from '../../../test/bot/kernel-plan.ts';
import { anyText } from '../../../test/hostile/any-text.ts';
import { KERNEL_KIND } from './kind.ts';

const CARDS = Object.fromEntries(
  await Promise.all(LANGUAGES.map(async (language) => [language, (await loadKindCards(language, null)).get('kernel')])),
) as Readonly<Record<Language, KindCard>>;

const EVIDENCE: Facts = {
  destination: named('192.0.2.10', 'sockets'),
  port: setting(3306, 'sockets'),
  ports: fact(28_232, 'ports', 'range'),
  used: fact(28_000, 'sockets', 'sockets'),
  share: fact(0.99, 'ratio', 'x'),
  timeWait: fact(27_000, 'sockets', 'sockets'),
  looked: fact(3, 'sockets', 'x'),
  withTimestamps: fact(0, 'sockets', 'x'),
  newPorts: fact(null, 'none', 'x'),
  newShare: fact(null, 'none', 'x'),
  length: fact(null, 'none', 'x'),
  reuseAnswer: named('no-timestamps', 'x'),
  timestampsAnswer: named('lack', 'x'),
  vendorAnswer: named('unknown', 'x'),
  vendorReason: named('no-permission', 'x'),
  vendorWhat: named('net.ipv4.tcp_tw_timeout', 'x'),
  portsAnswer: named('wide', 'x'),
  keepAliveAnswer: named('short-lived', 'x'),
  cheaper: named(null, 'x'),
};

const planned = (facts: Facts = EVIDENCE, missing: readonly string[] = []) => ({ ...KERNEL_PLAN, facts, missing });

describe('the card of a kernel build', () => {
  it('says that it is the last resort, what it gains, and what the check says of cheaper ways', () => {
    const { title, effects } = CARDS.en.plan(planned());
    expect(title).toBe('Rebuild kernel 6.1.0-50-amd64 with a TIME_WAIT of 15 s');
    expect(effects).toEqual([
      'The last resort: this check found no cheaper fix that would be enough.',
      'Predicted: at most 1,882 new connections a second to one destination instead of 470 (28,232 ports, TIME_WAIT 15 s instead of 60 s).',
      'tcp_tw_reuse: would do nothing; 0 of 3 live connections to 192.0.2.10:3306 carry the timestamps it needs.',
      'Peer timestamps: missing; present on 0 of 3 live connections.',
      'A sysctl for it: could not check. net.ipv4.tcp_tw_timeout can be read by root only.',
      'More ports: the range is as wide as is safe (28,232 ports). More source or destination addresses multiply them.',
      'Keeping connections: 27,000 of 28,000 ports in use are in TIME_WAIT, so connections are short. Keep-alive or a connection pool in the application would spare most of them.',
    ]);
  });

  it('names a cheaper way first', () => {
    const [first] = CARDS.en.plan(planned({ ...EVIDENCE, cheaper: named('reuse-time-wait-ports', 'x') })).effects;
    expect(first).toMatch(/^A cheaper fix would do: reuse-time-wait-ports/);
  });

  it('has a step for each gate, and which host works behind it', () => {
    const { steps } = CARDS.en.plan(planned(EVIDENCE, ['flex', 'bison']));
    expect(steps.map(({ name }) => name)).toEqual(['prepare', 'build', 'install', 'boot', 'keep']);
    expect(steps[0]?.text).toBe('builder-01 installs 2 build dependencies as root: flex bison');
    expect(CARDS.en.plan(planned()).steps.map(({ name }) => name)).toEqual(['build', 'install', 'boot', 'keep']);
  });

  it('has the warnings that the plan keeps, for those who approve', () => {
    const warning = { code: named('out-of-tree', 'x'), host: named('web-01', 'x'), detail: named('zfs', 'x') };
    const { also } = CARDS.en.plan(planned({ ...EVIDENCE, warnings: rows([warning], 'x') }));
    expect(also).toEqual([
      'Out-of-tree modules on web-01 must be rebuilt for the new kernel, or it boots without them: zfs.',
    ]);
  });

  it('has the numbers of both kernels side by side, the one that people feel first', () => {
    const measured = (connections: number, seconds: number) => ({
      connections: fact(connections, 'per-second', 'x'),
      seconds: fact(seconds, 'seconds', 'x'),
      timeWait: fact(500, 'ports', 'x'),
      services: named('0', 'x'),
    });
    const proof = { at: NOW, before: measured(8.1, 61.7), after: measured(32.4, 15.4), verdict: 'cured' } as const;
    const numbers = CARDS.en.numbers(kernelChange('boot'), proof);
    expect(numbers.map(({ name, before, after }) => `${name}: ${before} → ${after}`)).toEqual([
      'new connections a second to one destination: 8.1 → 32',
      'until a port is free again: 62 s → 15 s',
      'ports in TIME_WAIT when none was free: 500 → 500',
      'services that newly fail: 0 → 0',
    ]);
  });

  it.each(LANGUAGES)('is drawn whatever a record holds, in %s', (language) => {
    const scalar = fc.record({
      value: fc.oneof(anyText(), fc.double(), fc.constant(null)),
      unit: fc.constant('none' as const),
      from: anyText(),
    });
    const kept = fc.dictionary(
      fc.constantFrom(...Object.keys(EVIDENCE), 'warnings'),
      fc.oneof(
        scalar,
        fc.record({ rows: fc.array(fc.dictionary(fc.constantFrom('code', 'host'), scalar)), from: anyText() }),
      ),
    );
    fc.assert(
      fc.property(kept, (facts) => {
        const { effects, also } = CARDS[language].plan(planned(facts));
        expect([...effects, ...also]).not.toContain('');
      }),
    );
  });
});

describe('progress', () => {
  it.each([
    [
      'build compile 42 630 3 CC net/ipv4/tcp.o',
      'compiling, 42 %, about 11 min left. Last line: CC net/ipv4/tcp.o',
      'コンパイル中 42%、残り約 11分。最後の行: CC net/ipv4/tcp.o',
    ],
    ['build unpack - - 0 ', 'unpacking the source', 'ソースを展開中'],
    [
      'build compile 42 - 700 LD vmlinux',
      'compiling, 42 %; no output for 12 min. Last line: LD vmlinux',
      'コンパイル中 42%（12分間、出力なし）。最後の行: LD vmlinux',
    ],
    [
      'queue bbbbbbbb',
      'waiting on the build host for build bbbbbbbb',
      'ビルドホストの空き待ち（ビルド bbbbbbbb が実行中）',
    ],
    [
      'again reboot',
      'the build host rebooted; the build is being continued',
      'ビルドホストが再起動したため、続きから再開しています',
    ],
    ['install packages', 'installing the packages', 'パッケージをインストール中'],
    ['install constructor', 'installing', 'インストール中'],
    ['reboot', 'rebooting; no answer yet', '再起動中（まだ応答がありません）'],
    ['something of a later version', 'something of a later version', 'something of a later version'],
  ])('%s', (line, en, ja) => {
    expect([CARDS.en.progress?.(line), CARDS.ja.progress?.(line)]).toEqual([en, ja]);
  });

  it('has words for whatever a host says', () => {
    fc.assert(
      fc.property(anyText(), fc.constantFrom('', 'build ', 'again ', 'install '), (text, before) => {
        expect(typeof CARDS.en.progress?.(`${before}${text}`)).toBe('string');
      }),
    );
  });
});

describe.each(LANGUAGES)('the words in %s', (language) => {
  const { words } = CARDS[language];

  it('have every stage of every gate, and its button', () => {
    const gates = [...KERNEL_KIND.gates, ...(KERNEL_KIND.wayBack === null ? [] : [KERNEL_KIND.wayBack])];
    for (const { name } of gates) {
      for (const stage of ['waiting', 'queued', 'working']) expect(words.stages[`${stage} ${name}`]).toBeDefined();
      expect(words.gates[name]).toBeDefined();
    }
  });

  it('have a sentence for each way in which a build ends, and a host refuses', async () => {
    const common = Object.keys((await loadChangeWords(language, null)).failures);
    const missing = (codes: readonly string[], before = '') =>
      codes.filter((code) => words.failures[before + code] === undefined && !common.includes(before + code));
    expect(missing(codesIn(/\bfail(?:_build)? ([a-z][a-z-]+)/g, BUILD), 'build-')).toEqual([]);
    expect(missing(codesIn(/state failed ([a-z][a-z-]+)/g, BUILD), 'build-')).toEqual([]);
    expect(missing(codesIn(/\bgive_up ["']([a-z][a-z-]+)/g, HELPER), 'target-')).toEqual([]);
    expect(missing(codesIn(/["']failed ([a-z][a-z-]+)/g, HELPER), 'target-')).toEqual([]);
    // A text that root's program cannot read is told alike, whatever is wrong with it.
    const refused = codesIn(/\brefuse ["']([a-z][a-z-]+)/g, HELPER).filter((code) => !code.startsWith('bad-'));
    expect(refused.length).toBeGreaterThan(20);
    expect(missing(refused)).toEqual([]);
  });

  it('need nothing but the host and a detail for what a host may say', () => {
    for (const template of Object.values(words.failures)) fill(template, { host: 'web-01', detail: 'x' });
  });
});

const PARTS = '../root-program';
const HELPER = ['helper.sh', ...readdirSync(new URL(PARTS, import.meta.url)).map((name) => `${PARTS}/${name}`)].filter(
  (name) => name.endsWith('.sh'),
);
const BUILD = [
  'runner.sh',
  'boot.sh',
  ...readdirSync(new URL('recipes', import.meta.url)).map((name) => `recipes/${name}`),
].filter((name) => name.endsWith('.sh'));

function codesIn(pattern: RegExp, files: readonly string[]): readonly string[] {
  const text = files.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('\n');
  const code = text.replaceAll(/^\s*#.*$/gm, '');
  return [...new Set([...code.matchAll(pattern)].map(([, each]) => each ?? ''))];
}
