/** The keys that BullMQ has once for each queue, and their types; those of jobs are none of these. */
import { TRAIL_KEYS } from '#store/audit-trail.ts';
import type { KeyTypes } from '#store/key-types.ts';
import { CARDS, CHANGES, CHECKS, QUEUE_PREFIX } from './names.ts';

const TYPES: KeyTypes = {
  active: 'list',
  completed: 'zset',
  delayed: 'zset',
  events: 'stream',
  failed: 'zset',
  id: 'string',
  limiter: 'string',
  marker: 'zset',
  meta: 'hash',
  paused: 'list',
  pc: 'string',
  prioritized: 'zset',
  repeat: 'zset',
  stalled: 'set',
  'stalled-check': 'string',
  wait: 'list',
  'waiting-children': 'zset',
};

export function queueKeys(queue: string): KeyTypes {
  return Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [`${QUEUE_PREFIX}:${queue}:${name}`, type]));
}

/** Nothing goes on without these. */
export const VITAL_KEYS: KeyTypes = { ...TRAIL_KEYS, ...queueKeys(CHECKS), ...queueKeys(CARDS), ...queueKeys(CHANGES) };
