/** Everything that is kept in Redis, behind the ports of the use cases. */
import type { Store } from '#app/run-ports.ts';
import { createCards } from './cards.ts';
import type { RedisConnection } from './connect-redis.ts';
import { createOffers, createOnce } from './once.ts';
import { createOnlookers } from './onlookers.ts';
import { createReports } from './reports.ts';
import { createRuns } from './runs.ts';
import { guarded } from './store-down.ts';

/** `keepMs`: how long reports, and the runs and cards that led to them, are kept. */
export function createStore(redis: RedisConnection, keepMs: number): Store {
  return {
    runs: guarded(createRuns(redis, keepMs)),
    reports: guarded(createReports(redis, keepMs)),
    cards: guarded(createCards(redis, keepMs)),
    once: guarded(createOnce(redis)),
    offers: guarded(createOffers(redis)),
    onlookers: guarded(createOnlookers(redis)),
  };
}
