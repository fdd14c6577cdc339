/** The Redis that everything is kept in: the one REDIS_URL names, or one of our own. */
import type { Logger } from 'pino';
import { connectRedis, type RedisConnection, untilConnected } from '#store/connect-redis.ts';
import { PrivateRedisError, startPrivateRedis } from '#store/private-redis.ts';
import { parseRedisUrl, REDIS_URL_FORMS, type RedisPlace } from '#store/redis-url.ts';
import { AwayError, reasonOf, ServeError } from './serve-error.ts';
import { watchRedis } from './watch-redis.ts';

export interface OpenRedis {
  /** Answers at once when Redis is away. */
  readonly surface: RedisConnection;
  /** Waits until Redis is back. */
  readonly worker: RedisConnection;
  /** Hears what queues complain of. */
  readonly onError: (error: Error) => void;
  readonly isAway: () => boolean;
  /** Resolves when a Redis of our own has ended by itself; never for another. */
  readonly ended: Promise<string>;
  readonly close: () => Promise<void>;
}

/** Containers start in any order. */
const CONNECTED_WITHIN_MS = 30_000;

/** Rejects with a ServeError, or an AwayError when Redis does not answer. */
export async function openRedis(
  url: string | undefined,
  stateDir: string,
  log: Logger,
  signal: AbortSignal,
): Promise<OpenRedis> {
  if (url !== undefined) return connect(placeOf(url), new Promise(() => {}), async () => {}, log, signal);
  const own = await startPrivateRedis(`${stateDir}/redis`, signal).catch((error: unknown) => {
    throw error instanceof PrivateRedisError ? new ServeError(error.message, { cause: error }) : error;
  });
  log.info({ dir: `${stateDir}/redis` }, 'started a Redis of our own, because REDIS_URL is not set');
  return connect(placeOf(own.url), own.ended, own.stop, log, signal);
}

export function placeOf(url: string): RedisPlace {
  const place = parseRedisUrl(url);
  if (place === undefined) throw new ServeError(`REDIS_URL has none of these forms: ${REDIS_URL_FORMS}.`);
  return place;
}

async function connect(
  place: RedisPlace,
  ended: Promise<string>,
  stop: () => Promise<void>,
  log: Logger,
  signal: AbortSignal,
): Promise<OpenRedis> {
  const { onError, isAway, watch, stop: stopWatching } = watchRedis(log);
  const [surface, worker] = [connectRedis(place, 'surface', onError), connectRedis(place, 'worker', onError)];
  for (const connection of [surface, worker]) watch(connection);
  async function close(): Promise<void> {
    stopWatching();
    surface.disconnect();
    worker.disconnect();
    await stop();
  }
  try {
    await Promise.all([surface, worker].map((connection) => untilConnected(connection, CONNECTED_WITHIN_MS, signal)));
  } catch (error) {
    await close();
    throw new AwayError(`Redis cannot be reached: ${reasonOf(error)}. Check REDIS_URL, and that Redis runs.`, {
      cause: error,
    });
  }
  return { surface, worker, onError, isAway, ended, close };
}
