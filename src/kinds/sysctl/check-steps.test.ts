/** The helper's own bounds, run by the shells and awks of real hosts, against what this side believes of them. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALLOWED, PORT_RANGE, RESERVED_PORTS } from '#domain/allowed-sysctls.ts';
import { outOfBounds } from '#domain/out-of-bounds.ts';
import { helperOrder, type OrderStep } from '#lab/helper-order.ts';
import { changeHelper } from './helper.ts';

type Tools = readonly [shell: string, awk: string];
/** A shell of real hosts, and the awk it finds there. */
const TOOLS: readonly Tools[] = [
  ['dash', 'mawk'],
  ['bash', 'gawk'],
  ['busybox sh', 'busybox awk'],
];
const DEFAULT = '32768 60999';

type Values = Readonly<Record<string, string>>;
interface Asked {
  readonly live: Values;
  readonly steps: readonly OrderStep[];
}

/** The functions of the helper without its verbs, over values of our own instead of /proc/sys. */
const FUNCTIONS = changeHelper().split('\n[ $# -ge 3 ]')[0] ?? '';

/** What take_order and judge_steps say of each: the steps, or one refusal. One shell for all, and as few processes as can be. */
function check([shell, awk]: Tools, asked: readonly Asked[]): readonly string[] {
  const cases = asked.map(
    ({ live, steps }, number) => `case=${number}
${Object.entries(live)
  .map(([key, value]) => `printf '%s\\n' '${value}' >"$root/${number}.${key}"`)
  .join('\n')}
take_order judged <<'END'
${helperOrder('apply', 'judged', steps)}END
judged=$(judge_steps)
if [ "$judged" = within ]; then printf '%s\n' "$steps"; else echo "$judged"; fi
echo ==`,
  );
  const script = `${FUNCTIONS}
verb=apply
awk() { ${awk} "$@"; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
path_of() { path=$root/$case.$1; }
live() { path_of "$1"; read -r value <"$path"; }
${cases.join('\n')}`;
  const { stdout, stderr, status } = spawnSync('sh', ['-c', `exec ${shell} -s`], { input: script, encoding: 'utf8' });
  expect([stderr, status]).toEqual(['', 0]);
  return stdout.split('==\n').slice(0, -1);
}

function stepLines(steps: readonly OrderStep[]): string {
  return steps.map(({ key, from, to }) => `${[key, from || '-', to || '-'].join('\t')}\n`).join('');
}

/** What this side expects the helper to say. */
function expected({ live, steps }: Asked): string {
  const now = { range: live[PORT_RANGE] ?? '', reserved: live[RESERVED_PORTS] ?? '' };
  const refused = outOfBounds(steps, now);
  if (refused === undefined) return stepLines(steps);
  const { key, bound, limit, value } = refused;
  return `refused out-of-bounds ${key} ${bound} ${limit} ${value}\n`;
}

const port = fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.constantFrom(1, 10_240, 32_768, 60_999, 65_535));
const range = fc
  .tuple(fc.oneof(port, fc.constantFrom(10_240, 32_768)), fc.oneof(port, fc.constantFrom(60_999, 65_535)))
  .map(([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`);
/** As the kernel prints it: ascending, neighbours merged. */
const list = fc
  .uniqueArray(fc.tuple(port, fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30_000 }))), { maxLength: 8 })
  .map((ranges) => {
    const merged: [number, number][] = [];
    for (const [first, more] of ranges.toSorted((a, b) => a[0] - b[0])) {
      const last = Math.min(65_535, first + more);
      const previous = merged.at(-1);
      if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
      else merged.push([first, last]);
    }
    return merged;
  });
const listText = (ranges: readonly (readonly [number, number])[]) =>
  ranges.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(',');
/** An old list, and a new one that mostly has all of it. */
const lists = fc
  .tuple(list, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 4 }))
  .map(([all, kept, spoilt]) => {
    const old = all.filter((_, index) => kept[index]).map(([a, b]) => [a, b - (b > a ? spoilt : 0)] as const);
    return [listText(old.filter(([a, b]) => a <= b)), listText(all)] as const;
  });
const strangeLists = fc.tuple(list.map(listText), fc.stringMatching(/^[0-9][-0-9,]{0,12}$/));

const integers = fc.constantFrom(
  ...[...ALLOWED].flatMap(([key, bounds]) => (bounds.shape === 'integer' ? [[key, bounds] as const] : [])),
);
const integerStep = integers.chain(([key, { min, max }]) => {
  const near = fc.oneof(
    fc.constantFrom(min, max, min - 1, max + 1, 0, -1),
    fc.integer({ min: Math.max(0, min - 5), max: max + 5 }),
  );
  const text = fc.oneof(
    { weight: 8, arbitrary: near.map((value) => `${Math.max(0, value)}`) },
    fc.constantFrom('007', '99999999999', '1 2', '3-4', '5,6'),
  );
  return fc.record({ key: fc.constant(key), from: near.map(String), to: text });
});

const asked: fc.Arbitrary<Asked> = fc
  .record({
    integers: fc.uniqueArray(integerStep, { maxLength: 3, selector: ({ key }) => key }),
    ranges: fc.tuple(range, fc.oneof(range, fc.constantFrom('10240 65535', '20000', '1 2 3', '10240 060999'))),
    lists: fc.oneof({ weight: 5, arbitrary: lists }, strangeLists),
    widens: fc.boolean(),
    reserves: fc.boolean(),
    listFirst: fc.boolean(),
  })
  .filter(({ integers, widens, reserves }) => integers.length > 0 || widens || reserves)
  .map(({ integers, ranges, lists, widens, reserves, listFirst }) => {
    const ports = [
      ...(reserves ? [{ key: RESERVED_PORTS, from: lists[0], to: lists[1] }] : []),
      ...(widens ? [{ key: PORT_RANGE, from: ranges[0], to: ranges[1] }] : []),
    ];
    const steps = [...(listFirst ? ports : ports.toReversed()), ...integers];
    const live = Object.fromEntries(integers.map(({ key, from }) => [key, from]));
    return { steps, live: { ...live, [PORT_RANGE]: ranges[0], [RESERVED_PORTS]: lists[0] } };
  });

describe.each(TOOLS)('the helper in %s with %s', (...tools) => {
  it('and this side judge any steps alike, by the same bound', () => {
    const some = fc.sample(asked, { numRuns: 30, seed: tools[0].length });
    const said = check(tools, some);
    for (const [index, one] of some.entries()) expect([one, said[index]]).toEqual([one, expected(one)]);
    expect(new Set(some.map((one) => expected(one).split(' ')[3])).size).toBeGreaterThan(6);
  });

  it('takes a list that leaves enough of a range that is widened before', () => {
    const steps = [
      { key: PORT_RANGE, from: '50000 60999', to: '10240 65535' },
      { key: RESERVED_PORTS, from: '', to: '50000-60999' },
    ];
    const live = { [PORT_RANGE]: '50000 60999', [RESERVED_PORTS]: '' };
    expect(check(tools, [{ steps, live }])).toEqual([stepLines(steps)]);
  });

  it('takes the longest list that the kernel does', () => {
    const ports = Array.from({ length: 682 }, (_, index) => 34_000 + 2 * index);
    const steps = [{ key: RESERVED_PORTS, from: ports.slice(1).join(','), to: ports.join(',') }];
    const live = { [PORT_RANGE]: DEFAULT, [RESERVED_PORTS]: ports.slice(1).join(',') };
    expect(check(tools, [{ steps, live }])).toEqual([stepLines(steps)]);
  });

  const reserve = (to: string, from = '') => ({ key: RESERVED_PORTS, from, to });
  const conntrack = 'net.netfilter.nf_conntrack_max';
  const buckets = 'net.ipv4.tcp_max_tw_buckets';
  const refusals: readonly (readonly [string, Values, readonly OrderStep[], string])[] = [
    [
      'a limit where there was none',
      { [conntrack]: '0' },
      [{ key: conntrack, from: '0', to: '65536' }],
      `out-of-bounds ${conntrack} no-limit-now 0 65536`,
    ],
    [
      'buckets where there was no end of them',
      { [buckets]: '-1' },
      [{ key: buckets, from: '-1', to: '65536' }],
      `out-of-bounds ${buckets} no-limit-now -1 65536`,
    ],
    [
      'a queue that became longer meanwhile, whatever the caller believes',
      { 'net.core.somaxconn': '8192' },
      [{ key: 'net.core.somaxconn', from: '128', to: '4096' }],
      'drift net.core.somaxconn 8192',
    ],
    [
      'a shorter queue',
      { 'net.core.somaxconn': '8192' },
      [{ key: 'net.core.somaxconn', from: '8192', to: '4096' }],
      'out-of-bounds net.core.somaxconn only-raised 8192 4096',
    ],
    [
      'a list without a port in the middle of the old one',
      { [RESERVED_PORTS]: '100-200' },
      [reserve('100-149,151-200', '100-200')],
      `out-of-bounds ${RESERVED_PORTS} keeps-port 150 -`,
    ],
    [
      'another list',
      { [RESERVED_PORTS]: '8080' },
      [reserve('9090', '8080')],
      `out-of-bounds ${RESERVED_PORTS} keeps-port 8080 -`,
    ],
    ['neighbours that the kernel would merge', {}, [reserve('8080,8081')], `out-of-bounds ${RESERVED_PORTS} form - -`],
    ['a range of one port', {}, [reserve('8080-8080')], `out-of-bounds ${RESERVED_PORTS} form - -`],
    ['every port reserved', {}, [reserve('1-65535')], `out-of-bounds ${RESERVED_PORTS} leaves-ports 14116 0`],
    [
      'every port reserved in a range that is widened too',
      {},
      [reserve('10240-60000'), { key: PORT_RANGE, from: DEFAULT, to: '10240 65535' }],
      `out-of-bounds ${RESERVED_PORTS} leaves-ports 14116 999`,
    ],
    [
      'every port of a range that is widened only afterwards',
      { [PORT_RANGE]: '50000 60999' },
      [reserve('50000-60999'), { key: PORT_RANGE, from: '50000 60999', to: '10240 65535' }],
      `out-of-bounds ${RESERVED_PORTS} leaves-ports 5500 0`,
    ],
    [
      'a smaller range',
      {},
      [{ key: PORT_RANGE, from: '10240 65535', to: '32768 60999' }],
      `drift ${PORT_RANGE} ${DEFAULT}`,
    ],
    [
      'a list of 5,000 characters',
      {},
      [reserve(Array.from({ length: 900 }, (_, i) => 10_000 + 2 * i).join(','))],
      `out-of-bounds ${RESERVED_PORTS} list-length 4095 5399`,
    ],
    ['a descending list', {}, [reserve('9000,8000')], `out-of-bounds ${RESERVED_PORTS} form - -`],
  ];
  it('refuses what is not safe, and names the bound', () => {
    const asked = refusals.map(([, live, steps]) => ({
      steps,
      live: { [PORT_RANGE]: DEFAULT, [RESERVED_PORTS]: '', ...live },
    }));
    const said = check(tools, asked).map((text, index) => [refusals[index]?.[0], text]);
    expect(said).toEqual(refusals.map(([name, , , why]) => [name, `refused ${why}\n`]));
  });
});
