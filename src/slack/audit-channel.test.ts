/** What a channel is told, against a real Redis in which somebody moves the position. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeApproverKey } from '#change/signature.ts';
import { createSigner, createTextCheck } from '#change/witness.ts';
import { mirrorAudit } from '#serve/mirror-trail.ts';
import { POSTED } from '#store/audit-posts.ts';
import { createChangeStore } from '#store/change-store.ts';
import { KINDS } from '../../test/bot/change-samples.ts';
import { openRedisPlace } from '../../test/contract/redis-place.ts';
import { createAuditChannel } from './audit-channel.ts';
import type { SendOnce } from './post.ts';

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let redis: Redis;
let said: string[];

beforeAll(async () => {
  place = await openRedisPlace();
  redis = place.redis;
});
afterAll(() => place.close());
beforeEach(async () => {
  await redis.flushall();
  said = [];
});

const { privateKey, publicKey } = makeApproverKey();
const witness = { sign: createSigner(privateKey).sign, isSigned: createTextCheck([publicKey]) };
const BEGIN = 'audit: posts begin here, at record #1';
const send = ((work) =>
  work({ chat: { postMessage: async ({ text }: { text: string }) => said.push(text) } } as never)) as SendOnce;

function open(signs: boolean) {
  const store = createChangeStore(redis, 3_600_000, KINDS, { witness: signs ? witness : undefined });
  const channel = createAuditChannel('C0AUDIT', store, send);
  const entry = (group: string) => {
    const nothing = { change: null, host: null, from: null, to: null, actor: null, hash: null };
    return { ...nothing, at: new Date(0).toISOString(), event: 'freeze', details: { group } };
  };
  return {
    freeze: (group: string) => store.freezes.freeze({ group, by: 'U0BOB', since: new Date(0) }, entry(group)),
    copy: () => mirrorAudit(store.audit, channel),
  };
}

describe.each([
  ['signed', true],
  ['unsigned', false],
])('%s: the position in Redis', (_, signs) => {
  it('moves on with each post, also for another process', async () => {
    const { freeze, copy } = open(signs);
    await copy();
    await freeze('web');
    await copy();
    await freeze('db');
    await open(signs).copy();
    expect(said).toEqual([BEGIN, 'audit 1-1', 'audit 2-2']);
  });

  it('deleted: another process says where it begins again, and this one goes on', async () => {
    const { freeze, copy } = open(signs);
    await copy();
    await freeze('web');
    await copy();
    await redis.del(POSTED);
    await freeze('db');
    await copy();
    expect(said).toEqual([BEGIN, 'audit 1-1', expect.stringContaining('was changed in Redis'), 'audit 2-2']);
    await redis.del(POSTED);
    await open(signs).copy();
    expect(said.at(-1)).toBe('audit: posts begin here, at record #3');
  });

  it.each(['999999', 'nothing', '-1', '1e9'])('set to %s does not silence the channel', async (value) => {
    const { freeze, copy } = open(signs);
    await copy();
    await freeze('web');
    await copy();
    await redis.set(POSTED, value);
    await freeze('db');
    await copy();
    expect(said).toEqual([BEGIN, 'audit 1-1', expect.stringContaining('was changed in Redis'), 'audit 2-2']);
  });
});

it('signed: set to the newest record, it does not skip it', async () => {
  const { freeze, copy } = open(true);
  await copy();
  await freeze('web');
  await copy();
  await freeze('db');
  await redis.set(POSTED, '2');
  await copy();
  expect(said).toEqual([BEGIN, 'audit 1-1', expect.stringContaining('was changed in Redis'), 'audit 2-2']);
});
