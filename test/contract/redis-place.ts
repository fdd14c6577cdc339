/** A real Redis for one file of tests, empty before each of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startPrivateRedis } from '#store/private-redis.ts';

export async function openRedisPlace() {
  const dir = await mkdtemp(join(tmpdir(), 'records-'));
  const server = await startPrivateRedis(dir);
  const redis = new Redis({ path: join(dir, 'redis.sock'), maxRetriesPerRequest: null });
  redis.on('error', () => {});
  return {
    redis,
    async close(): Promise<void> {
      redis.disconnect();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
