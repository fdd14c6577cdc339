/** Opens connections to Redis: those of a surface answer at once when Redis is away, those of a worker wait for it. */
import { Cluster, type Command, Redis } from 'ioredis';
import type { Login, RedisPlace } from './redis-url.ts';

export type RedisConnection = Redis | Cluster;

/** Somebody waits for the answer of a `surface`; a `worker` may wait until Redis is back. */
export type RedisUse = 'surface' | 'worker';

/** Slack waits three seconds for an answer; this leaves it time to say that Redis is down. */
const ANSWER_WITHIN_MS = 1500;
const SLOWEST_RETRY_MS = 1000;

/** Connects in the background and again whenever the connection is lost; `onError` hears of it. */
export function connectRedis(place: RedisPlace, use: RedisUse, onError: (error: Error) => void): RedisConnection {
  const connection = open(place, use);
  connection.on('error', onError);
  return connection;
}

/**
 * Gives up on a command in time, but only when its answer has not come by then. After this process has had to wait for a
 * processor, answers that came meanwhile are still to be read, and the library's own timer would go before them.
 */
class PromptRedis extends Redis {
  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    const expired = () => command.reject(new Error('Command timed out'));
    const timer = setTimeout(() => setImmediate(expired), ANSWER_WITHIN_MS);
    const answered = () => clearTimeout(timer);
    command.promise.then(answered, answered);
    return super.sendCommand(command, stream);
  }
}

interface Manners {
  readonly maxRetriesPerRequest: number | null;
  readonly enableOfflineQueue: boolean;
  readonly retryStrategy: (times: number) => number;
}

function mannersOf(use: RedisUse): Manners {
  const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 10), SLOWEST_RETRY_MS);
  if (use === 'worker') return { maxRetriesPerRequest: null, enableOfflineQueue: true, retryStrategy };
  return { maxRetriesPerRequest: 1, enableOfflineQueue: false, retryStrategy };
}

function open(place: RedisPlace, use: RedisUse): RedisConnection {
  const options = mannersOf(use);
  const Connection = use === 'surface' ? PromptRedis : Redis;
  switch (place.kind) {
    case 'server': {
      const { address, db, tls } = place;
      return new Connection({ ...options, ...loginOf(place), ...address, db, ...(tls && { tls: {} }) });
    }
    case 'socket':
      return new Connection({ ...options, path: place.path });
    case 'sentinel':
      return new Connection({ ...options, ...loginOf(place), sentinels: [...place.sentinels], name: place.name });
    case 'cluster': {
      const { enableOfflineQueue, retryStrategy, ...perNode } = options;
      return new Cluster([...place.nodes], {
        enableOfflineQueue,
        clusterRetryStrategy: retryStrategy,
        // Its connections are the library's, and so is their timer.
        redisOptions: {
          ...perNode,
          ...(use === 'surface' && { commandTimeout: ANSWER_WITHIN_MS }),
          ...loginOf(place),
          ...(place.tls && { tls: {} }),
        },
      });
    }
  }
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
