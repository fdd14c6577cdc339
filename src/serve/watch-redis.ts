/** Says once that Redis has gone, and once that it is back: a dozen connections notice it, each many times a second. */
import type { Logger } from 'pino';
import type { RedisConnection } from '#store/connect-redis.ts';
import { reasonOf } from './serve-error.ts';

export interface WatchedRedis {
  readonly isAway: () => boolean;
  /** What connections and queues complain of; all that a Redis that is away explains is left to the two lines. */
  readonly onError: (error: Error) => void;
  readonly watch: (connection: RedisConnection) => void;
  /** We close the connections ourselves. */
  readonly stop: () => void;
}

/** A connection is lost or refused, which is told when it closes. */
const LOST =
  /^(?:E[A-Z]+|Connection is closed\.|Stream isn't writeable.*|Reached the max retries.*|.*\bE[A-Z]{4,}\b.*)$/s;
/** It is there, and gives no answer yet. */
const SILENT = /^(?:Command timed out|LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|TRYAGAIN|MISCONF|OOM|NOREPLICAS)\b/;
/** A worker meets such a key again and again. */
const BROKEN = /WRONGTYPE/;
const SAID_AGAIN_MS = 10_000;

export function watchRedis(log: Logger, now: () => number = Date.now): WatchedRedis {
  const connections: RedisConnection[] = [];
  let [why, since, saidAt] = ['', 0, Number.NEGATIVE_INFINITY];
  let brokenAt = Number.NEGATIVE_INFINITY;
  let stopped = false;

  function onClose(): void {
    if (stopped || since > 0) return;
    since = now();
    log.warn({ ...(why !== '' && { why }) }, 'Redis is away');
  }

  function onReady(): void {
    why = '';
    if (since === 0 || !connections.every(({ status }) => status === 'ready')) return;
    log.info({ seconds: Math.round((now() - since) / 100) / 10 }, 'Redis is back');
    since = 0;
  }

  return {
    isAway: () => since > 0,
    onError(error) {
      if (error.name !== 'ReplyError' && LOST.test(error.message || String((error as NodeJS.ErrnoException).code))) {
        why = reasonOf(error) || why;
      } else if (SILENT.test(error.message)) {
        if (since > 0 || now() - saidAt < SAID_AGAIN_MS) return;
        saidAt = now();
        log.warn({ why: reasonOf(error) }, 'Redis does not answer');
      } else if (BROKEN.test(error.message)) {
        if (now() - brokenAt < SAID_AGAIN_MS) return;
        brokenAt = now();
        log.error({ why: reasonOf(error) }, 'a key in Redis is of another type: /readyz and tcp-oncall doctor name it');
      } else if (!stopped) log.error({ err: error }, 'Redis');
    },
    watch(connection) {
      connections.push(connection);
      connection.on('close', onClose).on('ready', onReady);
    },
    stop() {
      stopped = true;
    },
  };
}
