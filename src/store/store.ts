/** Everything that is kept in Redis, behind the ports of the use cases. */
import type { Store } from '#app/check-ports.ts';
import { createAside, type OnUnreadable } from './aside.ts';
import { createCards } from './cards.ts';
import { createChecks } from './checks.ts';
import type { RedisConnection } from './connect-redis.ts';
import { createOffers, createOnce } from './once.ts';
import { createOnlookers } from './onlookers.ts';
import { createReports } from './reports.ts';
import { guarded } from './store-down.ts';

/** `keepMs`: how long reports, and the runs and cards that led to them, are kept. `onUnreadable` hears of each record that cannot be read. */
export function createStore(redis: RedisConnection, keepMs: number, onUnreadable?: OnUnreadable): Store {
  const aside = createAside(redis, onUnreadable);
  return {
    runs: guarded(createChecks(redis, aside, keepMs)),
    reports: guarded(createReports(redis, aside, keepMs)),
    cards: guarded(createCards(redis, aside, keepMs)),
    once: guarded(createOnce(redis)),
    offers: guarded(createOffers(redis, aside)),
    onlookers: guarded(createOnlookers(redis, aside)),
  };
}
