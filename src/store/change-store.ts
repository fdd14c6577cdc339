/** Everything about changes that is kept in Redis, behind the ports of the use cases. */
import type { ChangeStore } from '#app/change-ports.ts';
import { createAuditPosts } from './audit-posts.ts';
import { createAuditTrail } from './audit-trail.ts';
import { createChangeCards } from './change-cards.ts';
import { createChanges } from './changes.ts';
import type { RedisConnection } from './connect-redis.ts';
import { createFreezes } from './freezes.ts';
import { guarded } from './store-down.ts';

export function createChangeStore(redis: RedisConnection, keepMs: number): ChangeStore {
  const audit = createAuditTrail(redis);
  return {
    changes: guarded(createChanges(redis, audit, keepMs)),
    freezes: guarded(createFreezes(redis, audit)),
    audit,
    auditPosts: guarded(createAuditPosts(redis)),
    changeCards: guarded(createChangeCards(redis, keepMs)),
  };
}
