/** Fixes that set one switch to the only value it should have. */
import type { Given } from '#diagnosis/diagnosis.ts';
import { setting } from '#domain/fact.ts';
import type { Goal, Risk } from '#domain/plan.ts';
import { absent } from '#domain/reading.ts';
import type { SysctlKey } from '#evidence/sysctls.ts';
import { defineFix, type Fix, refused, set, undecided } from './fix.ts';
import { rateOf, rateOfDifference } from './number.ts';

type CounterName = `counter:TcpExt.${string}` | `counter:Tcp.${string}`;

export interface Switch {
  readonly id: string;
  readonly risk: Risk;
  readonly cures: readonly string[];
  readonly key: SysctlKey;
  readonly to: number;
  /** Other values that are as good. */
  readonly fine?: readonly number[];
  /** What it does harm to, by the name its words use; of two, what the first grew by more than the second. */
  readonly counters?: Readonly<Record<string, CounterName | readonly [CounterName, CounterName]>>;
}

const SECONDS = 60;

/** Refused as `no-key` where this kernel has no such switch, and as `already` where it is right. */
export function defineSwitch({ id, risk, cures, key, to, fine = [], counters = {} }: Switch): Fix {
  const reading = `sysctl:${key}` as const;
  type GivenHere = Given<never, never, typeof reading, CounterName>;
  const goals: readonly Goal[] = [
    { number: 'misset', wants: 'at-most', value: 0, within: 0 },
    ...Object.keys(counters).map((number) => ({ number, wants: 'at-most', value: 0, within: SECONDS }) as const),
  ];
  const isRight = (value: unknown) => value === to || fine.some((other) => other === value);
  return defineFix({
    id,
    risk,
    writes: [key],
    cures,
    uses: [reading],
    usesChange: Object.values(counters).flat(),
    plan({ maybe }: GivenHere) {
      const live = maybe[reading];
      if (live.kind === 'absent') return refused('no-key');
      if (live.kind !== 'read') return undecided(live);
      const facts = { value: setting(Number(live.value), reading) };
      return isRight(live.value) ? refused('already', facts) : set([{ key, to: String(to) }], facts, goals);
    },
    measure({ maybe, maybeChange }: GivenHere) {
      const live = maybe[reading];
      const misset = live.kind === 'read' ? Number(!isRight(live.value)) : null;
      const change = (counter: CounterName) => maybeChange[counter] ?? absent(counter);
      const rates = Object.entries(counters).map(([name, counter]) => {
        if (typeof counter === 'string') return [name, rateOf(change(counter), counter)] as const;
        const [more, less] = counter;
        return [name, rateOfDifference(change(more), change(less), `${more} - ${less}, per second`)] as const;
      });
      return { misset: setting(misset, `${reading}: 1 unless it is ${to}`), ...Object.fromEntries(rates) };
    },
  });
}
