/** Everything about changes that is kept in Redis, behind the ports of the use cases. */
import type { ChangeStore } from '#app/change-ports.ts';
import type { Kinds } from '#change/kind.ts';
import { createAside, type OnUnreadable } from './aside.ts';
import { createAuditPosts } from './audit-posts.ts';
import { createAuditTrail, type Witness } from './audit-trail.ts';
import { createChanges } from './changes.ts';
import type { RedisConnection } from './connect-redis.ts';
import { createFreezes } from './freezes.ts';
import { guarded } from './store-down.ts';

export interface ChangeStoreOptions {
  /** Hears of each record that cannot be read. */
  readonly onUnreadable?: OnUnreadable | undefined;
  /** Signs the records of the audit trail. */
  readonly witness?: Witness | undefined;
}

export function createChangeStore(
  redis: RedisConnection,
  keepMs: number,
  kinds: Kinds,
  { onUnreadable, witness }: ChangeStoreOptions = {},
): ChangeStore {
  const aside = createAside(redis, onUnreadable);
  const audit = createAuditTrail(redis, witness?.sign);
  return {
    changes: guarded(createChanges(redis, audit, aside, keepMs, kinds)),
    freezes: guarded(createFreezes(redis, audit, aside)),
    audit,
    auditPosts: guarded(createAuditPosts(redis, aside, witness)),
  };
}
