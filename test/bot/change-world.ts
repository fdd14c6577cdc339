/** What the processes of a bot share when it changes hosts: a real Redis, its real queue, a clock and hosts in a test's hand. */
import type { Cards } from '#app/card-ports.ts';
import type { ChangeQueue, ChangeStore, ChangeTask } from '#app/change-ports.ts';
import type { Reports } from '#app/check-ports.ts';
import type { ChangeId } from '#domain/change.ts';
import { idOf } from '#queue/task.ts';
import { createChangeStore } from '#store/change-store.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import { createStore } from '#store/store.ts';
import { type ChangeRedis, CONNECTIONS } from './change-redis.ts';
import { HOSTS, type PolicyName } from './change-rules.ts';
import { KINDS } from './change-samples.ts';
import { createWire } from './change-wire.ts';
import { createTrialHost, type TrialHost } from './trial-host.ts';
import { createTurns } from './turns.ts';

export interface ChangeWorld {
  readonly turns: ReturnType<typeof createTurns>;
  /** For the test to look at: nobody's turn is waited for. */
  readonly store: ChangeStore;
  readonly cards: Cards;
  readonly reports: Reports;
  readonly hosts: ReadonlyMap<string, TrialHost>;
  readonly wire: ReturnType<typeof createWire>;
  /** Proposed so far, oldest first. */
  readonly changes: ChangeId[];
  readonly policy: { name: PolicyName };
  /** The connection of one process or another. */
  readonly redis: () => RedisConnection;
  readonly queue: ChangeQueue;
  /** The oldest task that is due. */
  readonly takeTask: () => Promise<{ readonly task: ChangeTask; readonly id: ChangeId } | undefined>;
  /** How many tasks wait, due or not. */
  readonly waiting: () => Promise<number>;
  readonly now: () => Date;
  readonly pass: (seconds: number) => void;
  /** The bot's clock is set, and nobody else's. */
  readonly jump: (seconds: number) => void;
  readonly reconnect: () => Promise<void>;
}

export const KEEP_MS = 30 * 86_400_000;
export const VALUES = { 'net.ipv4.tcp_tw_reuse': '2', 'net.ipv4.tcp_fin_timeout': '60' } as const;
/** Nothing that waits becomes due by itself. */
const FAR_MS = 10 * 86_400_000;
const EPOCH = Date.UTC(2026, 10, 27, 3);

/** Empties that Redis first. `seed`: of the order in which steps are drawn. */
export async function createChangeWorld(redis: ChangeRedis, seed: number): Promise<ChangeWorld> {
  await redis.lines().own.flushall();
  const hosts = new Map(Object.keys(HOSTS).map((name) => [name, createTrialHost(VALUES)]));
  const wire = createWire(
    hosts,
    async () => (await createChangeStore(redis.lines().own, KEEP_MS, KINDS).audit.head()).seq,
  );
  const due = new Map<string, number>();
  let [uptime, set, asked] = [0, 0, 0];

  const queue: ChangeQueue = {
    async add(id, task, key, delayMs = 0) {
      const job = `${id}-${task}-${key}`;
      if (delayMs > 0 && !due.has(job)) due.set(job, uptime + delayMs / 1000);
      await redis.lines().queue.add(id, task, key, delayMs > 0 ? FAR_MS : 0);
    },
  };

  async function takeTask() {
    // Somebody else may have brought it forward this moment.
    for (const job of await redis.lines().jobs.getDelayed())
      if ((due.get(job.id ?? '') ?? 0) <= uptime) await job.promote().catch(() => undefined);
    const job = await redis.lines().taker.getNextJob('test', { block: false });
    if (job === undefined) return undefined;
    await job.moveToCompleted(null, 'test', false);
    return { task: job.name as ChangeTask, id: idOf('change', job) };
  }

  return {
    turns: createTurns(seed),
    get store() {
      return createChangeStore(redis.lines().own, KEEP_MS, KINDS);
    },
    get cards() {
      return createStore(redis.lines().own, KEEP_MS).cards;
    },
    get reports() {
      return createStore(redis.lines().own, KEEP_MS).reports;
    },
    hosts,
    wire,
    changes: [],
    policy: { name: 'usual' },
    redis: () => redis.lines().processes[asked++ % CONNECTIONS] ?? redis.lines().own,
    queue,
    takeTask,
    waiting: async () => (await redis.lines().jobs.getJobCountByTypes('wait', 'delayed')) as number,
    now: () => new Date(EPOCH + (uptime + set) * 1000),
    pass(seconds) {
      uptime += seconds;
      for (const host of hosts.values()) host.pass(seconds);
    },
    jump(seconds) {
      set += seconds;
    },
    reconnect: redis.reconnect,
  };
}
