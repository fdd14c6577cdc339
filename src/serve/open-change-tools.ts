/** Changes without the bot: the same Redis, for a command on its machine. */
import { existsSync } from 'node:fs';
import type { ChangeTools, Writer } from '#app/change-ports.ts';
import type { Kinds } from '#change/kind.ts';
import { createTextCheck } from '#change/witness.ts';
import type { Config } from '#config.ts';
import { openAnnouncer, openChangeQueue, openCheckQueue } from '#queue/queues.ts';
import type { Secrets } from '#secrets.ts';
import { readAuditFile, readEnd } from '#store/audit-file.ts';
import type { Witness } from '#store/audit-trail.ts';
import { createChangeStore } from '#store/change-store.ts';
import { connectRedis, untilConnected } from '#store/connect-redis.ts';
import { createStore } from '#store/store.ts';
import { placeOf } from './open-redis.ts';
import { openWitness } from './open-witness.ts';
import { reasonOf, ServeError } from './serve-error.ts';

const WITHIN_MS = 5000;

/** Without REDIS_URL, the Redis that a bot of this machine has started. Without `writer`, only to read. Rejects with a ServeError. */
export async function openChangeTools(
  secrets: Pick<Secrets, 'REDIS_URL' | 'AUDIT_KEY'>,
  kinds: Kinds,
  { stateDir, reports, changes: { audit } }: Pick<Config, 'stateDir' | 'reports' | 'changes'>,
  writer?: Writer,
): Promise<ChangeTools> {
  const { REDIS_URL: url } = secrets;
  const witness = writer && witnessOf(audit, writer, secrets);
  const own = `${stateDir}/redis/redis.sock`;
  if (url === undefined && !existsSync(own))
    throw new ServeError('No bot of this machine runs, and REDIS_URL is not set: set it to the Redis of the bot.');
  const onError = () => {};
  const redis = connectRedis(placeOf(url ?? `unix://${own}`), 'surface', onError);
  try {
    await untilConnected(redis, WITHIN_MS);
  } catch (error) {
    redis.disconnect();
    throw new ServeError(`Redis cannot be reached: ${reasonOf(error)}. Check REDIS_URL, and that Redis runs.`, {
      cause: error,
    });
  }
  const queue = openChangeQueue({ connection: redis, onError });
  const checks = openCheckQueue({ connection: redis, onError });
  const announcer = openAnnouncer({ connection: redis, onError });
  return {
    store: { ...createStore(redis, reports.keepMs), ...createChangeStore(redis, reports.keepMs, kinds, { witness }) },
    queue,
    checks,
    announce: announcer.announce,
    tellFreeze: announcer.tellFreeze,
    readCopy: readAuditFile,
    readCopyEnd: readEnd,
    async [Symbol.asyncDispose]() {
      await Promise.all([queue.close(), checks.close(), announcer.close()]);
      redis.disconnect();
    },
  };
}

function witnessOf(
  { signers }: Config['changes']['audit'],
  { sign }: Writer,
  secrets: Pick<Secrets, 'AUDIT_KEY'>,
): Witness | undefined {
  if (sign === null) return openWitness({ signers }, secrets);
  return signers.length === 0 ? undefined : { sign, isSigned: createTextCheck(signers) };
}
