/** The bot as a process: opens what its roles need, runs until it is told to end, then lets what runs finish. */
import { createLogger } from '#logging/logger.ts';
import { readSecrets, type Secrets } from '#secrets.ts';
import { openRedis } from './open-redis.ts';
import { openRoles } from './open-roles.ts';
import { slackSettings } from './open-slack.ts';
import { openWitness } from './open-witness.ts';
import type { ServePlan } from './serve-plan.ts';
import { watchInventory } from './watch-inventory.ts';

/** Resolves when it has ended: true when it was told to. Rejects with a ServeError or a SecretError when it cannot start. */
export async function serve(plan: ServePlan): Promise<boolean> {
  const secrets = readSecrets(plan.env);
  const log = createLogger({ stream: plan.stream, secrets: Object.values(secrets), level: plan.env['LOG_LEVEL'] });
  const closing: (() => Promise<unknown>)[] = [];
  // From the start: a SIGHUP that nobody handles ends the process.
  const hosts = watchInventory(plan.inventory, plan.reread, log);
  closing.push(async () => hosts.stop());
  try {
    checkSecrets(plan, secrets);
    const redis = await openRedis(secrets.REDIS_URL, plan.config.stateDir, log, plan.signal);
    closing.push(redis.close);
    await openRoles({ ...plan, hosts: hosts.current, secrets, log, redis, closing });
    const ended = await Promise.race([untilAborted(plan.signal), redis.ended]);
    if (ended !== undefined) log.error({ redis: ended }, 'our Redis has ended by itself');
    else log.info('ending: checks that run are finished first');
    return ended === undefined;
  } catch (error) {
    if (!plan.signal.aborted) throw error;
    log.info('ending: told to while starting');
    return true;
  } finally {
    for (const close of closing.reverse())
      await close().catch((error: unknown) => log.warn({ err: error }, 'did not end well'));
    log.info('ended');
  }
}

/** Before anything is started: what is missing now is missing then. */
function checkSecrets({ roles, config, env }: ServePlan, secrets: Secrets): void {
  if (roles.includes('slack')) slackSettings(config, secrets, env['SLACK_API_URL']);
  openWitness(config.changes.audit, secrets);
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
