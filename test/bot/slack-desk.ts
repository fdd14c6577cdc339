/** The Slack surface in this process: the real app, queue and Redis between a local Slack and hosts that are scripted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Announce } from '#app/card-ports.ts';
import type { ChangeStore } from '#app/change-ports.ts';
import type { Store } from '#app/check-ports.ts';
import { freePort } from '#lab/free-port.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import type { Act, Acted, Message, Snapshot } from '#local-slack/snapshot.ts';
import { SLACK_PATH, type SlackApp } from '#slack/slack-app.ts';
import type { ChangeDesk } from '#slack/tools.ts';
import { createChangeStore } from '#store/change-store.ts';
import { startPrivateRedis } from '#store/private-redis.ts';
import { KINDS } from './change-samples.ts';
import { type BotOptions, connect, type DeskBot, KEEP_MS, openBot } from './desk-bot.ts';
import { createScriptedHosts, type ScriptedHosts } from './scripted-hosts.ts';
import { cardsOf, hasEnded, privatelyTo, repliesOf } from './seen.ts';

export const ONCALL = 'C0ONCALL';
export const RANDOM = 'C0RANDOM';
/** Private, and the bot is not in it. */
export const INCIDENT = 'C0INCIDENT';
export const ALICE = 'U0ALICE';
export const BOB = 'U0BOB';
/** Reads Japanese. */
export const YUKI = 'U0YUKI';

export interface DeskOptions extends BotOptions {
  /** How many bots share the Slack and the Redis. */
  readonly replicas?: number;
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

export async function openDesk(options: DeskOptions = {}): Promise<SlackDesk> {
  const { mode = 'socket', replicas = 1 } = options;
  const dir = await mkdtemp(join(tmpdir(), 'slack-desk-'));
  const requestUrl = `http://127.0.0.1:${mode === 'http' ? await freePort() : 0}${SLACK_PATH}`;
  const [redis, slack, hosts] = await Promise.all([
    startPrivateRedis(dir),
    startLocalSlack(mode === 'http' ? { requestUrl } : {}),
    createScriptedHosts(),
  ]);
  let bots: readonly DeskBot[] = [];

  async function start(): Promise<void> {
    for (let index = 0; index < replicas; index++)
      bots = [...bots, await openBot({ ...options, mode, requestUrl }, redis, slack, hosts)];
    await slack.until(({ connected }) => connected);
  }

  async function stop(): Promise<void> {
    for (const { close } of bots) await close();
    bots = [];
  }

  function first(): DeskBot {
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
