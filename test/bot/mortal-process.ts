/** A process of the bot that may be killed, or stand still, before any step it takes: towards Redis, its queue, or a host. */

import type { AdvanceTools } from '#app/advance-ports.ts';
import type { ChangeQueue, ChangeStore } from '#app/change-ports.ts';
import type { DecideTools } from '#app/decide-ports.ts';
import { createChangeStore } from '#store/change-store.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import { HOSTS, policyNamed } from './change-rules.ts';
import { KINDS } from './change-samples.ts';
import type { Wire } from './change-wire.ts';
import { type ChangeWorld, KEEP_MS } from './change-world.ts';
import { hostNamed } from './host-named.ts';
import { NO_FILES } from './no-files.ts';

/** `after`: so many steps. One that stands still goes on when it is woken, as after a pause of its machine. */
export type Fate = { readonly kind: 'lives' } | { readonly kind: 'dies' | 'stalls'; readonly after: number };

export type ChangeTools = ChangeStore & AdvanceTools & DecideTools;

export interface MortalProcess {
  readonly tools: ChangeTools;
  /** Resolves when the work is done, or will not be done for now. */
  readonly until: (work: Promise<unknown>) => Promise<void>;
}

/** `woken`: when those that stand still go on. */
export function spawn(world: ChangeWorld, fate: Fate, wire: Wire, woken: Promise<void>): MortalProcess {
  const { turns } = world;
  let left = fate.kind === 'lives' ? Number.POSITIVE_INFINITY : fate.after;
  let gone = () => {};
  const absent = new Promise<void>((resolve) => {
    gone = resolve;
  });

  async function step<T>(work: () => Promise<T>): Promise<T> {
    if (left-- <= 0 && fate.kind !== 'lives') {
      gone();
      if (fate.kind === 'dies') await new Promise(() => {});
      await woken;
    }
    return turns.take(work);
  }

  const store = createChangeStore(stepwise(world.redis(), step), KEEP_MS, KINDS);
  const queue: ChangeQueue = { add: (...words) => step(() => world.queue.add(...words)) };
  const run = world.wire.over(world.policy.name, wire);
  let words = 0;
  const tools: ChangeTools = {
    ...store,
    queue,
    announce: () => step(async () => {}),
    kinds: KINDS,
    run: (host, request) => step(() => run(host, request)),
    ...NO_FILES,
    word: () => `word${++words}`,
    policy: policyNamed(world.policy.name),
    keys: new Map(),
    groupsOf,
    findHost: async (name) => hostNamed(name, groupsOf(name)),
    now: world.now,
  };
  return { tools, until: (work) => Promise.race([work, absent]).then(() => {}) };
}

function groupsOf(host: string): readonly string[] {
  return HOSTS[host as keyof typeof HOSTS];
}

/** The same connection; every command is a step. */
function stepwise(redis: RedisConnection, step: <T>(work: () => Promise<T>) => Promise<T>): RedisConnection {
  return new Proxy(redis, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...words: unknown[]) => step(async () => Reflect.apply(value, target, words) as unknown);
    },
  });
}
