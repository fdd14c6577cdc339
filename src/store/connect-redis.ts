/** Opens connections to Redis: those of a surface answer at once when Redis is away, those of a worker wait for it. */
import { Cluster, Redis } from 'ioredis';
import type { RedisPlace } from './redis-url.ts';

export type RedisConnection = Redis | Cluster;

/** Somebody waits for the answer of a `surface`; a `worker` may wait until Redis is back. */
export type RedisUse = 'surface' | 'worker';

/** Slack waits three seconds for an answer; this leaves it time to say that Redis is down. */
const ANSWER_WITHIN_MS = 1500;
const SLOWEST_RETRY_MS = 1000;

/** Connects in the background and again whenever the connection is lost; `onError` hears of it. */
export function connectRedis(place: RedisPlace, use: RedisUse, onError: (error: Error) => void): RedisConnection {
  const connection = open(place, mannersOf(use));
  connection.on('error', onError);
  return connection;
}

interface Manners {
  readonly maxRetriesPerRequest: number | null;
  readonly enableOfflineQueue: boolean;
  readonly commandTimeout?: number;
  readonly retryStrategy: (times: number) => number;
}

function mannersOf(use: RedisUse): Manners {
  const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 10), SLOWEST_RETRY_MS);
  if (use === 'worker') return { maxRetriesPerRequest: null, enableOfflineQueue: true, retryStrategy };
  return { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: ANSWER_WITHIN_MS, retryStrategy };
}

function open(place: RedisPlace, options: Manners): RedisConnection {
  switch (place.kind) {
    case 'server': {
      const { address, db, tls } = place;
      return new Redis({ ...options, ...loginOf(place), ...address, db, ...(tls && { tls: {} }) });
    }
    case 'socket':
      return new Redis({ ...options, path: place.path });
    case 'sentinel':
      return new Redis({ ...options, ...loginOf(place), sentinels: [...place.sentinels], name: place.name });
    case 'cluster': {
      const { enableOfflineQueue, retryStrategy, ...perNode } = options;
      return new Cluster([...place.nodes], {
        enableOfflineQueue,
        clusterRetryStrategy: retryStrategy,
        redisOptions: { ...perNode, ...loginOf(place), ...(place.tls && { tls: {} }) },
      });
    }
  }
}

interface Login {
  readonly username?: string;
  readonly password?: string;
}

function loginOf({ username, password }: Login): Login {
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

/** Resolves when commands can be sent; rejects with the last reason after `withinMs`, and at once when `signal` aborts. */
export async function untilConnected(
  connection: RedisConnection,
  withinMs: number,
  signal?: AbortSignal,
): Promise<void> {
  if (connection.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    let last = new Error('it does not answer');
    const onError = (error: Error) => {
      last = error;
    };
    const timer = setTimeout(() => settle(() => reject(last)), withinMs);
    const onReady = () => settle(resolve);
    const onAbort = () => settle(() => reject(last));
    function settle(how: () => void): void {
      clearTimeout(timer);
      connection.off('ready', onReady);
      connection.off('error', onError);
      signal?.removeEventListener('abort', onAbort);
      how();
    }
    connection.on('error', onError);
    connection.once('ready', onReady);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
  });
}
