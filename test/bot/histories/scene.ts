/** One random history as it stands: what is stored and on hosts, what was pressed, and what is under way. */
import type { ChangeTask } from '#app/change-ports.ts';
import type { Kinds } from '#change/kind.ts';
import type { Policy } from '#change/policy.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { KERNEL_KIND } from '#kinds/kernel/kind.ts';
import { KIND as SYSCTL_KIND } from '../example-change.ts';
import { FOUR_GATES_KIND } from '../four-gates/kind.ts';
import { createHost, type SimHost } from './hosts.ts';
import type { Press } from './judge.ts';
import { BUILDER, HOSTS, policyOf } from './people.ts';
import { createRandom, type Random } from './random.ts';
import { createMemory, type Memory, must } from './store.ts';

export const KINDS: Kinds = new Map([SYSCTL_KIND, FOUR_GATES_KIND, KERNEL_KIND].map((kind) => [kind.name, kind]));
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** Something under way. It stops where another could come between, and may never go on. */
export interface Task {
  readonly name: string;
  /** The change that a worker works on. */
  readonly subject: ChangeId | null;
  /** Who asks and begins alone. */
  breaker: Actor | null;
  readonly policy: Policy;
  /** The freezes that it read last, and when it began the work. */
  frozen: readonly string[];
  began: Date;
  /** The host that this work's change was for then: its groups have the rule. */
  ruled: string | null;
  alone: boolean;
  resume: (() => void) | undefined;
  parked: () => void;
}

export interface Job {
  readonly id: ChangeId;
  readonly task: ChangeTask;
  readonly due: number;
}

export interface Counts {
  steps: number;
  begun: number;
  records: number;
  changes: number;
  waited: number;
  killed: number;
  readonly ends: Record<string, number>;
}

export interface Scene {
  readonly seed: number;
  readonly random: Random;
  readonly memory: Memory;
  readonly hosts: ReadonlyMap<string, SimHost>;
  readonly tasks: Task[];
  readonly presses: Press[];
  readonly jobs: Job[];
  /** The names of all jobs so far. */
  readonly queued: Set<string>;
  /** Orders that are on their way still. `until`: what begins kernels is not made for one that comes hours later; null = any time. */
  readonly late: { readonly perform: () => void; readonly until: number | null }[];
  readonly log: string[];
  readonly counts: Counts;
  /** What hosts have done of each change, by gate; and those that no host can say anything of any more. */
  readonly reached: Map<string, Set<string>>;
  readonly lost: Set<string>;
  /** Those whose host was told to cancel, or is down. */
  readonly cancelled: Set<string>;
  /** Who began the work that is under way. To take back what was kept is told again by others. */
  readonly started: Map<string, Task>;
  /** The change that a worker has begun itself: it goes by what it saw then, also when it stood still and others went on. */
  readonly begins: Map<Task, string>;
  clock: number;
  /** How far the clock of workers is off. */
  skew: number;
  policy: Policy;
  /** Nothing breaks any more, and nobody comes between. */
  calm: boolean;
  proposals: number;
  /** What the first task to fail threw. */
  broken: unknown;
  hasJumped: boolean;
  readonly mayForge: boolean;
  /** Nearly all that is asked for are kernels: they have gates enough to fill a history. */
  readonly isLong: boolean;
}

export function createScene(seed: number): Scene {
  const random = createRandom(seed);
  return {
    seed,
    random,
    memory: createMemory(),
    hosts: new Map([...HOSTS, BUILDER].map((name) => [name, createHost(name)])),
    tasks: [],
    presses: [],
    jobs: [],
    queued: new Set(),
    late: [],
    log: [],
    counts: { steps: 0, begun: 0, records: 0, changes: 0, waited: 0, killed: 0, ends: {} },
    reached: new Map(),
    lost: new Set(),
    cancelled: new Set(),
    started: new Map(),
    begins: new Map(),
    clock: Date.parse('2026-11-27T03:00:00Z'),
    skew: 0,
    policy: policyOf(random),
    calm: false,
    proposals: 0,
    broken: undefined,
    hasJumped: false,
    mayForge: random.chance(0.1),
    isLong: random.chance(0.4),
  };
}

export function nowIn({ clock, skew }: Scene): Date {
  return new Date(clock + skew);
}

/** Of a store that somebody has written into, nothing holds. */
export function holds({ memory }: Scene, what: boolean, why: string): void {
  must(memory.isForged || what, why);
}

/** What is true of it, and of what takes it back, is not what they say. */
export function isGivenUp({ lost }: Scene, { id, reverts }: Pick<Change, 'id' | 'reverts'>): boolean {
  return lost.has(id) || (reverts !== null && lost.has(reverts));
}
