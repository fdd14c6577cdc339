/** Files kept with a change, over a real Redis: what somebody else put in their place is none, and harms nothing. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ChangeStore } from '#app/change-ports.ts';
import type { ChangeId } from '#domain/change.ts';
import { createChangeStore } from '#store/change-store.ts';
import { keyOf } from '#store/keys.ts';
import { KINDS } from '../bot/change-samples.ts';
import { openRedisPlace } from './redis-place.ts';

const ID = 'aaaaaaaa' as ChangeId;
const KEEP_MS = 3_600_000;
const LOG = keyOf('change', ID, 'file', 'build.log');
const LIST = keyOf('change', ID, 'files');

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let changes: ChangeStore['changes'];
let unreadable: string[];

beforeAll(async () => {
  place = await openRedisPlace();
  changes = createChangeStore(place.redis, KEEP_MS, KINDS, { onUnreadable: ({ key }) => unreadable.push(key) }).changes;
});
afterAll(() => place?.close());
beforeEach(async () => {
  unreadable = [];
  await place.redis.flushall();
});

it('are there as they were, as long as the change is remembered; what could not be fetched says why', async () => {
  const bytes = Buffer.from([0, 255, 10, 13]);
  await changes.keepFile(ID, 'build.log', bytes);
  await changes.keepFile(ID, 'manifest', { why: 'no-file manifest' });
  expect(await changes.fileOf(ID, 'build.log')).toEqual(bytes);
  expect(await changes.fileOf(ID, 'manifest')).toBeUndefined();
  expect(await changes.filesOf(ID)).toMatchObject([
    { kind: 'kept', name: 'build.log', bytes: 4, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { kind: 'missed', name: 'manifest', why: 'no-file manifest' },
  ]);
  for (const key of [LOG, LIST]) expect(await place.redis.pttl(key)).toBeGreaterThan(KEEP_MS - 60_000);
});

it('stay when they cannot be fetched once more', async () => {
  await changes.keepFile(ID, 'build.log', Buffer.from('x'));
  await changes.keepFile(ID, 'build.log', { why: 'unreachable build-01' });
  expect(await changes.filesOf(ID)).toMatchObject([{ kind: 'kept', name: 'build.log' }]);
});

it.each(['../x', 'a:b', '', 'A', 'x'.repeat(65)])('have a name that is ours: %j is none', async (name) => {
  await expect(changes.keepFile(ID, name, Buffer.from('x'))).rejects.toThrow(RangeError);
  expect(await changes.fileOf(ID, name)).toBeUndefined();
});

it('that somebody has touched are set aside', async () => {
  await place.redis.set(LOG, 'no gzip');
  expect([await changes.fileOf(ID, 'build.log'), unreadable]).toEqual([undefined, [LOG]]);
  await place.redis.set(LIST, 'x');
  expect([await changes.filesOf(ID), unreadable]).toEqual([[], [LOG, LIST]]);
  await place.redis.hset(LIST, { 'build.log': '{', manifest: '{"version":3,"kind":"kept","name":"other"}' });
  expect(await changes.filesOf(ID)).toEqual([]);
});
