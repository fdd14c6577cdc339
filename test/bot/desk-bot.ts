/** One bot of a Slack desk: the real app, queue and workers in this process, over hosts that are scripted. */
import { PassThrough } from 'node:stream';
import { type Examine, examine } from '#app/examine.ts';
import { findDrift } from '#app/find-drift.ts';
import { reconcileCards, reconcileChanges, reconcileChecks } from '#app/reconcile.ts';
import { loadDiagnoses, loadFixes, loadKindCards } from '#catalogue.ts';
import type { Policy } from '#change/policy.ts';
import type { Language } from '#domain/language.ts';
import { SOURCES } from '#evidence/sources.ts';
import type { LocalSlack } from '#local-slack/local-slack.ts';
import { createLogger } from '#logging/logger.ts';
import { openAnnouncer, openChangeQueue, openCheckQueue } from '#queue/queues.ts';
import { startCardWorker, startCheckWorker } from '#queue/workers.ts';
import { createKernelAsking } from '#serve/open-kernel-asking.ts';
import { createRunOne } from '#serve/open-worker.ts';
import { loadVoices } from '#serve/voices.ts';
import { openSlackApp, SLACK_PATH } from '#slack/slack-app.ts';
import { createChangeStore } from '#store/change-store.ts';
import { connectRedis, type RedisConnection, untilConnected } from '#store/connect-redis.ts';
import type { PrivateRedis } from '#store/private-redis.ts';
import { parseRedisUrl } from '#store/redis-url.ts';
import { createStore } from '#store/store.ts';
import { startWebServer } from '#web/web-server.ts';
import { KINDS } from './change-samples.ts';
import { NO_POLICY } from './policy-rule.ts';
import { type ScriptedHosts, scriptedInventory } from './scripted-hosts.ts';

/** What one bot is told of the place it works in. */
export interface BotOptions {
  readonly mode?: 'socket' | 'http';
  readonly channels?: Readonly<Record<string, { readonly language: Language }>>;
  /** Who may change what; nobody unless said. */
  readonly policy?: Policy;
  /** Where kernels are built unless said otherwise. */
  readonly builder?: string;
}

export const KEEP_MS = 3_600_000;
const CONNECTED_WITHIN_MS = 30_000;
const CHECKS_AT_ONCE = 60;
const DRAIN_MS = 2000;

export type DeskBot = Awaited<ReturnType<typeof openBot>>;

/** As src/serve/serve.ts puts it together; hosts aside, everything is real. */
export async function openBot(
  {
    mode = 'socket',
    channels = {},
    policy = NO_POLICY,
    builder,
    requestUrl,
  }: BotOptions & { readonly requestUrl: string },
  redis: PrivateRedis,
  slack: LocalSlack,
  hosts: ScriptedHosts,
) {
  const onError = () => {};
  const [surface, waiting] = await Promise.all([connect(redis, 'surface'), connect(redis, 'worker')]);
  const log = createLogger({ stream: new PassThrough().resume(), secrets: [] });
  const store = createStore(surface, KEEP_MS);
  const queue = openCheckQueue({ connection: surface, onError });
  const { announce, tellFreeze, close: closeAnnouncer } = openAnnouncer({ connection: surface, onError });
  const changeQueue = openChangeQueue({ connection: surface, onError });
  const changes = {
    store: createChangeStore(surface, KEEP_MS, KINDS),
    queue: changeQueue,
    announce,
    tellFreeze,
    policy,
    kinds: KINDS,
    keys: new Map<string, string>(),
    builder,
    auditChannel: undefined,
  };
  const now = () => new Date();
  const known = scriptedInventory();
  const inventory = () => known;
  const voices = await loadVoices({
    overrides: null,
    slack: { mode, runbooks: 'https://runbooks.example', channels: new Map() },
    cards: loadKindCards,
  });
  const cures = new Map((await loadFixes()).map(({ id, cures: ids }) => [id, ids]));
  const app = await openSlackApp(
    {
      mode,
      botToken: slack.tokens.bot,
      appToken: slack.tokens.app,
      signingSecret: slack.tokens.signingSecret,
      apiUrl: slack.apiUrl,
      channels: new Map(Object.entries(channels)),
      language: 'en',
    },
    { store, queue, announce, changes, inventory, ...voices, cures, now, log },
  );
  const cards = startCardWorker({
    connection: waiting,
    present: app.present,
    tellFreeze: app.tellFreeze,
    async reconcile() {
      const looking = { ...store, ...changes.store, announce, now, onTrouble: onError };
      await reconcileChecks({ ...looking, queue });
      await reconcileChanges({ ...looking, ...changes });
      await reconcileCards(looking);
    },
    onError,
  });
  const checks = startCheckWorker({
    connection: waiting,
    concurrency: CHECKS_AT_ONCE,
    runOne: createRunOne({
      run: hosts.run,
      examine: await examineHere(),
      store,
      announce,
      inventory,
      askFor: createKernelAsking({ run: hosts.run, cards: store.cards, changes, inventory }),
      findDrift: (report) => findDrift(report, changes.store.changes),
      plansFixes: policy.rules.length > 0,
      log,
    }),
    onError,
  });
  const web =
    app.requestListener &&
    (await startWebServer({
      listen: new URL(requestUrl).host,
      readiness: async () => ({ ready: true, checks: {} }),
      slack: { path: SLACK_PATH, listener: app.requestListener },
    }));
  await app.start();
  return {
    app,
    store,
    announce,
    changes,
    async close() {
      await app.stop(DRAIN_MS);
      await web?.close();
      await Promise.all([checks.drain(0), cards.drain(DRAIN_MS)]);
      await Promise.all([queue.close(), changeQueue.close(), closeAnnouncer()]);
      surface.disconnect();
      waiting.disconnect();
    },
  };
}

export async function connect({ url }: PrivateRedis, use: 'surface' | 'worker'): Promise<RedisConnection> {
  const place = parseRedisUrl(url);
  if (place === undefined) throw new Error(`${url} is no address of a Redis.`);
  const connection = connectRedis(place, use, () => {});
  await untilConnected(connection, CONNECTED_WITHIN_MS);
  return connection;
}

/** Threads are for what is hostile: these hosts are ours. */
async function examineHere(): Promise<Examine> {
  const [catalogue, fixes] = await Promise.all([loadDiagnoses(), loadFixes()]);
  return async (question) => ({ kind: 'answer', ...examine(question, { catalogue, fixes, sources: SOURCES }) });
}
