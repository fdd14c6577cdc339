/** The Slack surface in this process: the real app, queue and Redis between a local Slack and hosts that are scripted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Announce } from '#app/card-ports.ts';
import type { ChangeStore } from '#app/change-ports.ts';
import type { Store } from '#app/check-ports.ts';
import { type Examine, examine } from '#app/examine.ts';
import { reconcileCards, reconcileChanges, reconcileChecks } from '#app/reconcile.ts';
import { loadDiagnoses, loadFixes, loadKindCards } from '#catalogue.ts';
import { NO_POLICY, type Policy } from '#change/policy.ts';
import type { Language } from '#domain/language.ts';
import { SOURCES } from '#evidence/sources.ts';
import { freePort } from '#lab/free-port.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import type { Act, Acted, Message, Snapshot } from '#local-slack/snapshot.ts';
import { createLogger } from '#logging/logger.ts';
import { openAnnouncer, openChangeQueue, openCheckQueue } from '#queue/queues.ts';
import { startCardWorker, startCheckWorker } from '#queue/workers.ts';
import { createRunOne } from '#serve/open-worker.ts';
import { loadVoices } from '#serve/voices.ts';
import { openSlackApp, SLACK_PATH, type SlackApp } from '#slack/slack-app.ts';
import type { ChangeDesk } from '#slack/tools.ts';
import { createChangeStore } from '#store/change-store.ts';
import { connectRedis, type RedisConnection, untilConnected } from '#store/connect-redis.ts';
import { type PrivateRedis, startPrivateRedis } from '#store/private-redis.ts';
import { parseRedisUrl } from '#store/redis-url.ts';
import { createStore } from '#store/store.ts';
import { startWebServer } from '#web/web-server.ts';
import { KINDS } from './change-samples.ts';
import { createScriptedHosts, type ScriptedHosts, scriptedInventory } from './scripted-hosts.ts';
import { cardsOf, hasEnded, privatelyTo, repliesOf } from './seen.ts';

export const ONCALL = 'C0ONCALL';
export const RANDOM = 'C0RANDOM';
/** Private, and the bot is not in it. */
export const INCIDENT = 'C0INCIDENT';
export const ALICE = 'U0ALICE';
export const BOB = 'U0BOB';
/** Reads Japanese. */
export const YUKI = 'U0YUKI';

export interface DeskOptions {
  readonly mode?: 'socket' | 'http';
  /** How many bots share the Slack and the Redis. */
  readonly replicas?: number;
  readonly channels?: Readonly<Record<string, { readonly language: Language }>>;
  /** Who may change what; nobody unless said. */
  readonly policy?: Policy;
}

export interface SlackDesk {
  readonly slack: LocalSlack;
  readonly hosts: ScriptedHosts;
  readonly store: Store;
  readonly announce: Announce;
  readonly changes: ChangeDesk;
  readonly apps: readonly SlackApp[];
  /** Where signed requests go, for HTTP. */
  readonly requestUrl: string;
  readonly says: (user: string, text: string, channel?: string, thread?: string) => Promise<Acted>;
  readonly presses: (user: string, message: Message | undefined, actionId: string) => Promise<Acted>;
  /** Resolves with the host's only card when it shows what is asked for. */
  readonly untilCard: (host: string, shows: (card: Message) => boolean) => Promise<Message>;
  /** Resolves when that many cards and their threads say how the run ended, with everything there is. */
  readonly untilEnded: (host: string, cards?: number) => Promise<Snapshot>;
  /** Resolves with what this person alone was told while `work` was done, once there are so many messages. */
  readonly told: (user: string, work: () => Promise<unknown>, count?: number) => Promise<readonly Message[]>;
  /** All bots are stopped, `work` is done in what they keep, and they start again. */
  readonly whileStopped: (work: (changes: ChangeStore) => Promise<unknown>) => Promise<void>;
  readonly close: () => Promise<void>;
}

const KEEP_MS = 3_600_000;
const CONNECTED_WITHIN_MS = 30_000;
const CHECKS_AT_ONCE = 60;
const DRAIN_MS = 2000;

export async function openDesk(options: DeskOptions = {}): Promise<SlackDesk> {
  const { mode = 'socket', replicas = 1 } = options;
  const dir = await mkdtemp(join(tmpdir(), 'slack-desk-'));
  const requestUrl = `http://127.0.0.1:${mode === 'http' ? await freePort() : 0}${SLACK_PATH}`;
  const [redis, slack, hosts] = await Promise.all([
    startPrivateRedis(dir),
    startLocalSlack(mode === 'http' ? { requestUrl } : {}),
    createScriptedHosts(),
  ]);
  let bots: readonly Bot[] = [];

  async function start(): Promise<void> {
    for (let index = 0; index < replicas; index++)
      bots = [...bots, await openBot({ ...options, mode, requestUrl }, redis, slack, hosts)];
    await slack.until(({ connected }) => connected);
  }

  async function stop(): Promise<void> {
    for (const { close } of bots) await close();
    bots = [];
  }

  function first(): Bot {
    const [bot] = bots;
    if (bot === undefined) throw new Error('No bot runs.');
    return bot;
  }

  async function untilEnded(host: string, cards = 1): Promise<Snapshot> {
    return slack.until((seen) => {
      const ended = cardsOf(host, seen).filter(hasEnded);
      return ended.length >= cards && repliesOf(host, seen).length >= cards;
    });
  }

  async function told(user: string, work: () => Promise<unknown>, count = 1): Promise<readonly Message[]> {
    const known = new Set(privatelyTo(user, slack.snapshot()).map(({ ts }) => ts));
    const fresh = (seen: Snapshot) => privatelyTo(user, seen).filter(({ ts }) => !known.has(ts));
    await work();
    return fresh(await slack.until((seen) => fresh(seen).length >= count));
  }

  await start();
  return {
    slack,
    hosts,
    requestUrl,
    get store() {
      return first().store;
    },
    get announce() {
      return first().announce;
    },
    get changes() {
      return first().changes;
    },
    get apps() {
      return bots.map(({ app }) => app);
    },
    says: (user, text, channel = ONCALL, thread) =>
      slack.act(user, { kind: 'type', channel, text, ...(thread !== undefined && { thread }) }),
    presses: (user, message, actionId) => slack.act(user, pressOf(message, actionId)),
    async untilCard(host, shows) {
      const shown = (seen: Snapshot) => cardsOf(host, seen).find(shows);
      return shown(await slack.until((seen) => shown(seen) !== undefined)) as Message;
    },
    untilEnded,
    told,
    async whileStopped(work) {
      await stop();
      const connection = await connect(redis, 'surface');
      await work(createChangeStore(connection, KEEP_MS, KINDS));
      connection.disconnect();
      await start();
    },
    async close() {
      await stop();
      await Promise.all([slack.stop(), redis.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function pressOf(message: Message | undefined, actionId: string): Act {
  return { kind: 'press', at: { channel: message?.channel ?? '', message: message?.ts ?? '' }, actionId };
}

type Bot = Awaited<ReturnType<typeof openBot>>;

/** As src/serve/serve.ts puts it together; hosts aside, everything is real. */
async function openBot(
  { mode = 'socket', channels = {}, policy = NO_POLICY, requestUrl }: DeskOptions & { readonly requestUrl: string },
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

async function connect({ url }: PrivateRedis, use: 'surface' | 'worker'): Promise<RedisConnection> {
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
