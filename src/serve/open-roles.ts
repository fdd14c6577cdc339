/** Opens what each role of this process needs: Slack and its cards, the worker and its connections, the web server. */
import type { Logger } from 'pino';
import { advanceSoon } from '#app/advance-soon.ts';
import type { Announce } from '#app/card-ports.ts';
import type { OnTrouble } from '#app/each-apart.ts';
import { findDrift } from '#app/find-drift.ts';
import { reconcileCards, reconcileChanges, reconcileChecks } from '#app/reconcile.ts';
import { type Policy, rulesWithoutBreakGlass } from '#change/policy.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Inventory } from '#inventory/inventory.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';
import { openAnnouncer, openChangeQueue, openCheckQueue } from '#queue/queues.ts';
import type { QueueOptions } from '#queue/task-queue.ts';
import { startCardWorker, startChangeWorker, startCheckWorker } from '#queue/workers.ts';
import type { Secrets } from '#secrets.ts';
import { SLACK_PATH, type SlackApp } from '#slack/slack-app.ts';
import type { SlackTools } from '#slack/tools.ts';
import { createPool } from '#ssh/pool.ts';
import type { OnUnreadable } from '#store/aside.ts';
import { createAuditFile } from '#store/audit-file.ts';
import { createChangeStore } from '#store/change-store.ts';
import { createStore } from '#store/store.ts';
import { startWebServer } from '#web/web-server.ts';
import { openJudges } from './judge-threads.ts';
import { listenProblem } from './listen-problem.ts';
import { createMirroring } from './mirror-trail.ts';
import { createChangeWork } from './open-change-worker.ts';
import { createKernelAsking } from './open-kernel-asking.ts';
import type { openRedis } from './open-redis.ts';
import { openSlack, slackProblem } from './open-slack.ts';
import { openWitness } from './open-witness.ts';
import { createRunOne } from './open-worker.ts';
import { askReadiness } from './readiness.ts';
import { ServeError } from './serve-error.ts';
import type { ServePlan } from './serve-plan.ts';
import { startTracing } from './tracing.ts';
import { unlessAborted } from './unless-aborted.ts';
import { loadVoices } from './voices.ts';

export interface Opening extends ServePlan {
  /** As last read. */
  readonly hosts: () => Inventory;
  readonly secrets: Secrets;
  readonly log: Logger;
  readonly redis: Awaited<ReturnType<typeof openRedis>>;
  /** What is opened is closed in the opposite order. */
  readonly closing: (() => Promise<unknown>)[];
}

/** Rejects with a ServeError when a role cannot start; what was opened until then is in `closing`. */
export async function openRoles(opening: Opening): Promise<void> {
  const { roles, log, redis } = opening;
  const shared = await openShared(opening);
  const slack = roles.includes('slack') ? await openSlackRole(opening, shared) : undefined;
  const worker = roles.includes('worker') ? openWorkerRole(opening, shared) : undefined;
  const countWorkers = async () => (await shared.queue.counts()).workers;
  const readiness = () =>
    askReadiness({ redis: redis.surface, slack: slack?.isConnected, worker: worker?.isRunning, countWorkers });
  if (roles.includes('web') || slack?.requestListener !== undefined) await openWeb(opening, slack, readiness);
  if (slack !== undefined) await connectSlack(opening, slack);
  const { ready, checks } = await readiness();
  if (ready) log.info({ roles: roles.join(',') }, 'ready');
  else log.warn({ roles: roles.join(','), ...checks }, 'started, and not ready');
}

interface Shared extends Pick<SlackTools, 'store' | 'queue' | 'announce' | 'changes' | 'inventory'> {
  readonly queueOptions: Omit<QueueOptions, 'connection'>;
}

async function openShared(opening: Opening): Promise<Shared> {
  const { config, env, log, redis, closing } = opening;
  const tracing = await startTracing(env, opening.version);
  if (tracing !== undefined) closing.push(tracing.stop);
  const queueOptions = {
    onError: redis.onError,
    ...(tracing && { telemetry: tracing.telemetry }),
  };
  const queue = openCheckQueue({ connection: redis.surface, ...queueOptions });
  const announcer = openAnnouncer({ connection: redis.surface, ...queueOptions });
  const kinds = await opening.kinds.kinds();
  const changeQueue = openChangeQueue({ connection: redis.surface, ...queueOptions });
  closing.push(announcer.close, queue.close, changeQueue.close);
  return {
    queueOptions,
    store: createStore(redis.surface, config.reports.keepMs, saysUnreadable(log)),
    queue,
    announce: announcer.announce,
    changes: {
      store: createChangeStore(redis.surface, config.reports.keepMs, kinds, {
        onUnreadable: saysUnreadable(log),
        witness: openWitness(config.changes.audit, opening.secrets),
      }),
      queue: changeQueue,
      announce: announcer.announce,
      tellFreeze: announcer.tellFreeze,
      policy: config.changes.policy,
      kinds,
      keys: config.changes.keys,
      builder: config.changes.kernel.builder,
      auditChannel: config.changes.audit.channel,
    },
    inventory: opening.hosts,
  };
}

/** Once for each record: it is out of the way by then. */
function saysUnreadable(log: Logger): OnUnreadable {
  return ({ key, why, aside }) => {
    if (aside === null) log.error({ key, why }, 'a record in Redis is of a newer version: left as it is');
    else log.error({ key, why, aside }, 'a record in Redis cannot be read: set aside, see tcp-oncall doctor');
  };
}

function saysTrouble(log: Logger): OnTrouble {
  return (id, error) => log.error({ err: error, id }, 'it could not be looked after; the others are');
}

async function openSlackRole(opening: Opening, { queueOptions, ...tools }: Shared): Promise<SlackApp> {
  const { config, secrets, env, redis, closing, log, signal } = opening;
  warnOfBreakGlass(config.changes.policy, log);
  const voices = await loadVoices({
    overrides: config.overrides ?? null,
    slack: config.slack,
    cards: opening.kinds.cards,
  });
  const apiUrl = env['SLACK_API_URL'];
  const slack = await unlessAborted(openSlack({ config, secrets, apiUrl, voices, log, ...tools }), signal);
  const { store, queue, announce, changes } = tools;
  const { file, channel } = config.changes.audit;
  const mirrorTrail = createMirroring(
    changes.store,
    {
      file: file === undefined ? undefined : createAuditFile(file),
      channel: channel === undefined ? undefined : slack.auditChannel(channel),
    },
    log,
  );
  const looking = {
    ...store,
    ...changes.store,
    announce,
    now: () => new Date(),
    onTrouble: saysTrouble(log),
  };
  const cards = startCardWorker({
    connection: redis.worker,
    async present(subject) {
      await slack.present(subject);
      if (subject.kind === 'change') await mirrorTrail();
    },
    tellFreeze: slack.tellFreeze,
    async reconcile() {
      const rounds = [
        () => reconcileChecks({ ...looking, queue }),
        () => reconcileChanges({ ...looking, ...changes }),
        () => reconcileCards(looking),
        mirrorTrail,
      ];
      // One after the other, and each whatever became of the one before.
      for (const round of rounds)
        await round().catch((error: unknown) => log.warn({ err: error }, 'a round of looking after things failed'));
    },
    ...queueOptions,
  });
  // Ends that nobody has shown yet are shown before we go.
  const showEnd: Announce = async (subject, urgency) => void (urgency === 'now' && (await slack.present(subject)));
  closing.push(
    () => reconcileCards({ ...looking, announce: showEnd }),
    () => cards.drain(drainMs(opening)),
  );
  return slack;
}

/** Named in the policy, and never possible: better known at the start than in the emergency. */
function warnOfBreakGlass(policy: Policy, log: Logger): void {
  const rules = rulesWithoutBreakGlass(policy, KNOWN_KINDS);
  if (rules.length === 0) return;
  const groups = [...new Set(rules.flatMap((rule) => rule.groups))].join(', ');
  log.warn({ groups }, 'changes.breakGlass is not possible where outsideSlack holds for the first gate');
}

function openWorkerRole(opening: Opening, { queueOptions, ...tools }: Shared) {
  const { ssh, config, redis, closing, log } = opening;
  const pool = createPool(ssh);
  const judges = openJudges();
  const { store, announce, inventory, changes } = tools;
  const plansFixes = config.changes.policy.rules.length > 0;
  const askFor = createKernelAsking({ run: pool.run, cards: store.cards, changes, inventory });
  const checking = { run: pool.run, examine: judges.examine, store, announce, inventory, plansFixes, log };
  const runOne = createRunOne({
    ...checking,
    askFor,
    findDrift: (report) => findDrift(report, changes.store.changes),
  });
  const { run, copy, read } = pool;
  const work = createChangeWork({ run, copy, read, examine: judges.examine, changes, inventory, log });
  const lost = (id: ChangeId) => advanceSoon(id, { queue: changes.queue, now: () => new Date() });
  const changeWorker = startChangeWorker({ connection: redis.worker, work, lost, ...queueOptions });
  const worker = startCheckWorker({
    connection: redis.worker,
    concurrency: config.serve.checks,
    runOne,
    ...queueOptions,
  });
  closing.push(
    pool.close,
    judges.close,
    // At once: neither takes anything new while the other one finishes.
    () => Promise.all([worker.drain(drainMs(opening), stopMs(opening)), changeWorker.drain(drainMs(opening))]),
  );
  return worker;
}

async function openWeb(
  { listen, config, closing, log }: Opening,
  slack: SlackApp | undefined,
  readiness: () => ReturnType<typeof askReadiness>,
): Promise<void> {
  const address = listen ?? config.serve.listen;
  const listener = slack?.requestListener;
  const web = await startWebServer({
    listen: address,
    readiness,
    slack: listener && { path: SLACK_PATH, listener },
  }).catch((error: unknown) => {
    throw new ServeError(listenProblem(address, error), { cause: error });
  });
  closing.push(web.close);
  log.info({ url: web.url }, 'listening');
}

async function connectSlack(opening: Opening, slack: SlackApp): Promise<void> {
  const { closing, env, signal } = opening;
  closing.push(() => slack.stop(slack.isConnected() ? drainMs(opening) : NOTHING_TO_DRAIN_MS));
  const started = slack.start().catch((error: unknown) => {
    throw slackProblem(error, 'SLACK_APP_TOKEN', env['SLACK_API_URL']);
  });
  await unlessAborted(started, signal);
}

const NOTHING_TO_DRAIN_MS = 300;
const STOPPED_WITHIN_MS = 5000;

/** Without Redis nothing that runs can be written down or handed back: the reconciler finds it later. */
function drainMs({ redis, config }: Opening): number {
  return redis.isAway() ? NOTHING_TO_DRAIN_MS : config.serve.drainMs;
}

/** To stop what runs and hand it back. */
function stopMs({ redis }: Opening): number {
  return redis.isAway() ? NOTHING_TO_DRAIN_MS : STOPPED_WITHIN_MS;
}
