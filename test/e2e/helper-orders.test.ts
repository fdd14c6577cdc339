/** Changes of the same keys, kept and reverted in any order while somebody else writes too: the values, the file and every change's state agree. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CONF, STATE } from '#lab/helper-on-host.ts';
import { useHelperBox } from './helper-box.ts';
import { createModel, type Model } from './helper-model.ts';

/** First value as the box begins. Few, so that changes meet. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  'net.ipv4.tcp_syn_retries': ['6', '5'],
  'net.ipv4.tcp_fin_timeout': ['60', '20', '30'],
};
const NAMES = Object.keys(KEYS);

/** change: apply, then keep. `which`: of those that can be reverted, or of all, newest first. */
type Step =
  | { readonly kind: 'change'; readonly to: Readonly<Record<string, string>> }
  | { readonly kind: 'apply'; readonly to: Readonly<Record<string, string>> }
  | { readonly kind: 'keep'; readonly which: number }
  | { readonly kind: 'revert'; readonly which: number }
  | { readonly kind: 'write'; readonly key: string; readonly value: string }
  | { readonly kind: 'edit'; readonly key: string; readonly value: string };

const set = fc
  .constantFrom(...NAMES)
  .chain((key) => fc.record({ key: fc.constant(key), value: fc.constantFrom(...(KEYS[key] ?? [])) }));
const to = fc
  .array(set, { minLength: 1, maxLength: 2 })
  .map((all) => Object.fromEntries(all.map(({ key, value }) => [key, value])));
const of = <K extends string>(kind: K) => fc.constant(kind);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: of('change'), to }) },
  { weight: 2, arbitrary: fc.record({ kind: of('apply'), to }) },
  { weight: 1, arbitrary: fc.record({ kind: of('keep'), which: fc.nat(9) }) },
  { weight: 6, arbitrary: fc.record({ kind: of('revert'), which: fc.nat(9) }) },
  { weight: 1, arbitrary: set.map((one) => ({ kind: 'write' as const, ...one })) },
  { weight: 1, arbitrary: set.map((one) => ({ kind: 'edit' as const, ...one })) },
);

const RUNS = 30;
const ENOUGH_MS = 20_000;

const box = useHelperBox();

function pick(model: Model, { kind, which }: { readonly kind: string; readonly which: number }): string | undefined {
  const ids = [...model.changes.keys()].reverse();
  const some = ids.filter((id) => kind === 'revert' && model.changes.get(id)?.state !== 'reverted');
  const among = some.length > 0 ? some : ids;
  return among[which % among.length];
}

async function take(model: Model, step: Step, serial: number): Promise<void> {
  switch (step.kind) {
    case 'change':
      await take(model, { ...step, kind: 'apply' }, serial);
      return take(model, { kind: 'keep', which: 0 }, serial);
    case 'apply': {
      const steps = Object.entries(step.to).map(([key, to]) => ({ key, from: model.live.get(key) ?? '', to }));
      const { status } = await box.apply(`c${serial}`, steps);
      return expect(status).toBe(model.apply(`c${serial}`, steps) ? 0 : 1);
    }
    case 'write':
      model.live.set(step.key, step.value);
      return box.write(step.key, step.value);
    case 'edit':
      model.file.set(step.key, step.value);
      return edit(step);
    default: {
      const id = pick(model, step);
      if (id === undefined) return;
      const { status, stdout } = await (step.kind === 'keep' ? box.keep(id) : box.helper(`revert ${id}`));
      expect([id, step.kind, status], stdout).toEqual([id, step.kind, model[step.kind](id) ? 0 : 1]);
    }
  }
}

async function edit({ key, value }: { readonly key: string; readonly value: string }): Promise<void> {
  await box.run(`{ grep -v '^${key} ' ${CONF}; echo '${key} = ${value}'; } >/tmp/edited; cat /tmp/edited >${CONF}`);
}

/** All there is, in one question. */
async function seen() {
  const { stdout } = await box.run(
    `cd /proc/sys/net; for key in ${NAMES.map((key) => key.replaceAll('.', '/').replace('net/', '')).join(' ')}; do echo "live $key $(cat $key)"; done
grep -sv '^#' ${CONF} | sed 's/^/file /'; for id in ${STATE}/changes/*; do echo "state \${id##*/} $(head -n 1 $id/state)"; done; cd /`,
  );
  const lines = (word: string) =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1));
  return {
    live: Object.fromEntries(
      lines('live')
        .map((line) => line.split(' '))
        .map(([key = '', value]) => [`net.${key.replaceAll('/', '.')}`, value]),
    ),
    file: Object.fromEntries(lines('file').map((line) => line.split(' = '))),
    states: Object.fromEntries(
      lines('state')
        .map((line) => line.split(' '))
        .filter(([id]) => id !== '*'),
    ),
  };
}

async function begin(): Promise<Model> {
  const first = NAMES.map((key) => [key, KEYS[key]?.[0] ?? ''] as const);
  const values = first.map(([key, value]) => `echo ${value} >/proc/sys/${key.replaceAll('.', '/')}`);
  await box.run(`rm -rf ${STATE} ${CONF}; ${values.join('; ')}`);
  return createModel(first);
}

/** Takes the steps one after the other, and looks after each. */
async function keepsTo(steps: readonly Step[]): Promise<void> {
  const model = await begin();
  const touched = new Set<string>();
  for (const [serial, each] of steps.entries()) {
    if (each.kind === 'write' || each.kind === 'edit') touched.add(each.key);
    await take(model, each, serial);
    const now = await seen();
    expect(now).toEqual(model.stands());
    for (const key of NAMES.filter((name) => !touched.has(name)))
      expect({ live: now.live[key], line: now.file[key] }, key).toEqual(model.owned(key));
  }
  // When everything is reverted, the host is as it was before all changes.
  for (const id of [...model.changes.keys()].reverse()) {
    await box.helper(`revert ${id}`);
    model.revert(id);
  }
  expect(await seen()).toEqual(model.stands());
}

it('after any order of keep and revert, the value, the file and every change agree', async () => {
  const enough = performance.now() + ENOUGH_MS;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
      // A busy machine gets through fewer orders; none is left half-way, for the box closes when this is over.
      if (performance.now() < enough) await keepsTo(steps);
    }),
    { numRuns: RUNS },
  );
});
