/** Everything that can happen to changes, as data that fast-check makes up: one step, those of the same time, whole stories. */
import fc from 'fast-check';
import { ALICE, BOB, CAROL, HOSTS, PEOPLE, type PolicyName, RULES } from './change-rules.ts';
import type { Wire } from './change-wire.ts';
import type { Fate } from './mortal-process.ts';

export type Step =
  | {
      readonly does: 'propose';
      readonly who: string;
      readonly host: string;
      readonly keys: 1 | 2;
      readonly minutes: number | null;
      readonly alone: boolean;
    }
  /** `which`: the newest is 0. `seen`: the plan on the card, or another one. `times`: clicks at once. */
  | {
      readonly does: 'approve';
      readonly who: string;
      readonly which: number;
      readonly seen: boolean;
      readonly less: boolean;
      readonly times: number;
    }
  | { readonly does: 'deny' | 'withdraw' | 'review'; readonly who: string; readonly which: number }
  | {
      readonly does: 'end';
      readonly what: 'keep' | 'revert' | 'extend';
      readonly who: string;
      readonly which: number;
      readonly times: number;
    }
  | { readonly does: 'work'; readonly fate: Fate; readonly wire: Wire }
  | { readonly does: 'reconcile'; readonly fate: Fate }
  | { readonly does: 'freeze' | 'thaw'; readonly group: string }
  | { readonly does: 'unlock'; readonly host: string }
  | { readonly does: 'pass' | 'jump'; readonly seconds: number }
  | { readonly does: 'reboot'; readonly host: string }
  | { readonly does: 'somebody-sets'; readonly host: string; readonly value: string }
  | { readonly does: 'policy'; readonly name: PolicyName }
  | { readonly does: 'restart' | 'wake' | 'arrive' };

/** Steps that happen at the same time. `atOnce`: really, instead of in an order that is drawn. */
export interface Round {
  readonly atOnce: boolean;
  readonly steps: readonly Step[];
}

export const LIVES: Fate = { kind: 'lives' };
export const WORK: Step = { does: 'work', fate: LIVES, wire: 'fine' };

const who = fc.oneof(
  { weight: 2, arbitrary: fc.constant(ALICE) },
  { weight: 3, arbitrary: fc.constant(BOB) },
  { weight: 3, arbitrary: fc.constantFrom(...PEOPLE) },
);
const host = fc.oneof(
  { weight: 3, arbitrary: fc.constant('web-01') },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(HOSTS)) },
);
const which = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }) },
);
const times = fc.constantFrom(1, 1, 2, 3);
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fate>({ kind: 'lives' }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('dies', 'stalls'), after: fc.integer({ min: 0, max: 24 }) }),
  },
);
const wire: fc.Arbitrary<Wire> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Wire>('fine') },
  { weight: 2, arbitrary: fc.constantFrom<Wire>('unreachable', 'cut-before', 'cut-after', 'late') },
);
const chance = (percent: number) => fc.integer({ min: 1, max: 100 }).map((number) => number <= percent);
const exactly = <T extends string>(does: T) => fc.constant(does);
const group = fc.constantFrom('*', 'web', 'db', 'web-01');

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: exactly('propose'),
      who,
      host,
      keys: fc.constantFrom(1 as const, 2 as const),
      minutes: fc.constantFrom(null, null, 1, 5, 30, 99, 2.5),
      alone: chance(12),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ does: exactly('approve'), who, which, seen: chance(90), less: chance(15), times }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('deny', 'withdraw', 'review'), who, which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      does: exactly('end'),
      what: fc.constantFrom('keep', 'keep', 'revert', 'extend'),
      who,
      which,
      times,
    }),
  },
  { weight: 12, arbitrary: fc.record({ does: exactly('work'), fate, wire }) },
  { weight: 4, arbitrary: fc.record({ does: exactly('reconcile'), fate }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('freeze', 'thaw', 'thaw'), group }) },
  { weight: 1, arbitrary: fc.record({ does: exactly('unlock'), host }) },
  { weight: 5, arbitrary: fc.record({ does: exactly('pass'), seconds: fc.constantFrom(1, 6, 20, 80, 400, 2000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: exactly('jump'), seconds: fc.constantFrom(-7200, -60, 60, 2000, 90_000) }),
  },
  { weight: 1, arbitrary: fc.record({ does: exactly('reboot'), host }) },
  { weight: 1, arbitrary: fc.record({ does: exactly('somebody-sets'), host, value: fc.constantFrom('0', '1', '2') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: exactly('policy'),
      name: fc.constantFrom<PolicyName>('usual', 'usual', ...(Object.keys(RULES) as PolicyName[])),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('restart', 'wake', 'arrive') }) },
);

const round: fc.Arbitrary<Round> = fc.record({
  atOnce: chance(20),
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
});
const alone = (does: Step): Round => ({ atOnce: false, steps: [does] });

const freezes: fc.Arbitrary<Step> = fc.record({ does: exactly('freeze'), group: fc.constantFrom('*', 'web') });

/** Chance alone seldom gets as far as a trial: most of the way there is often gone as it should be. */
const opening = fc
  .record({
    host,
    keys: fc.constantFrom(1 as const, 2 as const),
    approvers: fc.oneof(
      { weight: 2, arbitrary: fc.constant<readonly string[]>([BOB, CAROL]) },
      { weight: 1, arbitrary: fc.array(who, { minLength: 1, maxLength: 2 }).map((each): readonly string[] => each) },
    ),
    unseen: fc.constantFrom(null, null, null, BOB),
    meanwhile: fc.array(fc.oneof(step, freezes), { maxLength: 2 }),
    fate,
    wire,
  })
  .map(({ host: name, keys, approvers, unseen, meanwhile, fate: its, wire: fateOfWire }): readonly Round[] => [
    alone({ does: 'propose', who: ALICE, host: name, keys, minutes: null, alone: false }),
    { atOnce: false, steps: approvers.map((id) => ({ ...approval(id), seen: id !== unseen })) },
    { atOnce: false, steps: [{ does: 'work', fate: its, wire: fateOfWire }, ...meanwhile] },
  ]);
const approval = (id: string) => ({ does: 'approve', who: id, which: 0, seen: true, less: false, times: 1 }) as const;

/** Other tasks may be due before the one that this brings. */
const ending = fc
  .record({
    what: fc.constantFrom('keep', 'keep', 'revert', 'revert', 'extend'),
    who: fc.constantFrom(BOB, CAROL),
    which,
    fates: fc.array(fc.record({ fate, wire }), { minLength: 1, maxLength: 3 }),
  })
  .map(({ what, who: id, which: index, fates }): readonly Round[] => [
    alone({ does: 'end', what, who: id, which: index, times: 1 }),
    ...fates.map((its) => alone({ does: 'work', ...its })),
  ]);

/** One is proposed while another is approved, and then it is approved, too. */
const crossing = fc
  .record({ host, others: fc.array(step, { maxLength: 1 }), what: fc.constantFrom('keep', 'revert') })
  .map(({ host: name, others, what }): readonly Round[] => {
    const proposal: Step = { does: 'propose', who: ALICE, host: name, keys: 1, minutes: null, alone: false };
    return [
      alone(proposal),
      { atOnce: false, steps: [proposal, approval(BOB), approval(CAROL)] },
      { atOnce: false, steps: [approval(BOB), approval(CAROL), ...others] },
      { atOnce: false, steps: [WORK, WORK, ...others] },
      alone({ does: 'end', what, who: CAROL, which: 1, times: 1 }),
      { atOnce: false, steps: [WORK, WORK] },
    ];
  });

/** The host is asked how it stands; what was late comes after that, if it comes. */
const looking = fc
  .record({ seconds: fc.constantFrom(6, 80, 700), wire, last: fc.constantFrom('arrive', 'wake') })
  .map(({ seconds, wire: fateOfWire, last }): readonly Round[] => [
    alone({ does: 'pass', seconds }),
    alone({ does: 'reconcile', fate: LIVES }),
    { atOnce: false, steps: [{ does: 'work', fate: LIVES, wire: fateOfWire }, WORK] },
    alone({ does: last }),
  ]);

export const rounds: fc.Arbitrary<readonly Round[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: round.map((one) => [one]) }, opening, ending, ending, looking, crossing), {
    minLength: 3,
    maxLength: 14,
    size: 'max',
  })
  .map((scenes) => scenes.flat());
