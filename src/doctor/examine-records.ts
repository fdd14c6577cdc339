/** Records in Redis that could not be read: set aside by the bot, or of a newer version and left where they are. */
import { createAside } from '#store/aside.ts';
import type { RedisConnection } from '#store/connect-redis.ts';
import type { Finding } from './finding.ts';

/** What more there is, is of the same kind. */
const MOST = 20;

export async function examineRecords(redis: RedisConnection): Promise<readonly Finding[]> {
  const unreadable = await createAside(redis).list();
  if (unreadable.length === 0) return [{ subject: 'records', kind: 'fine', details: {} }];
  const shown = unreadable.slice(-MOST).map(({ key, why, at, aside }): Finding => {
    const details = { key, why, at: at.toISOString(), aside: aside ?? '', more: 0 };
    return { subject: 'records', kind: 'broken', details };
  });
  const more = unreadable.length - shown.length;
  const rest = { key: '', why: '', at: '', aside: '', more };
  return more === 0 ? shown : [...shown, { subject: 'records', kind: 'broken', details: rest }];
}
