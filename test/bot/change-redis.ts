/** Connections of several processes to one Redis, and its queue of tasks, for tests that take the tasks by hand. */
import { Queue, Worker } from 'bullmq';
import { CHANGES, QUEUE_PREFIX } from '#queue/names.ts';
import { type OpenChangeQueue, openChangeQueue } from '#queue/queues.ts';
import { connectRedis, type RedisConnection, untilConnected } from '#store/connect-redis.ts';
import { parseRedisUrl } from '#store/redis-url.ts';

export interface ChangeLines {
  /** The test's own. */
  readonly own: RedisConnection;
  readonly processes: readonly RedisConnection[];
  readonly queue: OpenChangeQueue;
  readonly jobs: Queue;
  /** Takes no job by itself. */
  readonly taker: Worker;
}

export interface ChangeRedis {
  readonly lines: () => ChangeLines;
  /** As when all of the bot is started anew. */
  readonly reconnect: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export const CONNECTIONS = 3;
const WITHIN_MS = 30_000;

export async function openChangeRedis(url: string): Promise<ChangeRedis> {
  let lines = await connect(url);
  return {
    lines: () => lines,
    async reconnect() {
      await disconnect(lines);
      lines = await connect(url);
    },
    close: () => disconnect(lines),
  };
}

async function connect(url: string): Promise<ChangeLines> {
  const place = parseRedisUrl(url);
  if (place === undefined) throw new Error(`${url} is no address of a Redis.`);
  const onError = () => {};
  const own = connectRedis(place, 'worker', onError);
  const processes = Array.from({ length: CONNECTIONS }, () => connectRedis(place, 'worker', onError));
  await Promise.all([own, ...processes].map((connection) => untilConnected(connection, WITHIN_MS)));
  const queue = openChangeQueue({ connection: own, onError });
  const jobs = new Queue(CHANGES, { connection: own, prefix: QUEUE_PREFIX });
  const taker = new Worker(CHANGES, null, { connection: own, prefix: QUEUE_PREFIX, autorun: false });
  jobs.on('error', onError);
  taker.on('error', onError);
  return { own, processes, queue, jobs, taker };
}

async function disconnect({ own, processes, queue, jobs, taker }: ChangeLines): Promise<void> {
  await Promise.all([queue.close(), jobs.close(), taker.close(true)]);
  for (const connection of [own, ...processes]) connection.disconnect();
}
