/** The bot at its desk: connects to Slack, listens, and shows runs. Any number of replicas may do so at once. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { TellFreeze } from '#app/card-ports.ts';
import type { AuditMirror } from '#app/change-ports.ts';
import type { Card, Subject } from '#domain/card.ts';
import { createAuditChannel } from './audit-channel.ts';
import { boltLogger } from './bolt-logger.ts';
import { createEditBudget } from './edit-budget.ts';
import { createEditPace } from './edit-pace.ts';
import { fetchAfresh } from './fresh-connection.ts';
import { createHomeRefresher, listenForHome } from './home.ts';
import { guardDoor, MOST_BODY_BYTES } from './http-door.ts';
import { listenForButtons } from './listen-buttons.ts';
import { listenForChanges } from './listen-changes.ts';
import { listenForCommands } from './listen-commands.ts';
import { listenForKernel } from './listen-kernel.ts';
import { listenForShortcuts } from './listen-shortcuts.ts';
import { createPeople } from './people.ts';
import { createSendOnce } from './post.ts';
import { presentCard } from './present-card.ts';
import { lookAtChange } from './present-change.ts';
import { lookAtCheck } from './present-check.ts';
import { tellOfGroupGone } from './tell-admins.ts';
import { tellFreeze } from './tell-freeze.ts';
import type { BotIdentity, Desk, SlackSettings, SlackTools } from './tools.ts';

export interface SlackApp {
  readonly bot: BotIdentity;
  /** Resolves when Slack can reach us. */
  readonly start: () => Promise<void>;
  /** Takes nothing more. */
  readonly stop: (deadlineMs: number) => Promise<void>;
  readonly isConnected: () => boolean;
  /** Brings every card of a check or a change up to date; rejects when that should be tried again. */
  readonly present: (subject: Subject) => Promise<void>;
  /** Rejects when that should be tried again. */
  readonly tellFreeze: TellFreeze;
  readonly auditChannel: (channel: string) => AuditMirror;
  /** For HTTP: what comes to /slack/events. */
  readonly requestListener: ((request: IncomingMessage, response: ServerResponse) => unknown) | undefined;
}

const LISTENERS = [
  listenForCommands,
  listenForButtons,
  listenForShortcuts,
  listenForHome,
  listenForChanges,
  listenForKernel,
];

export const SLACK_PATH = '/slack/events';
const ANSWER_WITHIN_MS = 10_000;
/** What is not sent twice is waited for longer: given up early, it may be there and nobody knows. */
const POSTED_WITHIN_MS = 30_000;
const BURST = 20;
const EDITS_A_MINUTE = 50;
/** A host is asked every five seconds, so that a card shows what was said at most 20 s ago. */
const PROGRESS_EVERY_MS = 10_000;

/** Rejects with Slack's reason when the token is no good. */
export async function openSlackApp(settings: SlackSettings, tools: SlackTools): Promise<SlackApp> {
  const logger = boltLogger(tools.log);
  const options: WebClientOptions = { logger, timeout: ANSWER_WITHIN_MS, retryConfig: { retries: 3 } };
  const clientOptions = settings.apiUrl === undefined ? options : { ...options, slackApiUrl: settings.apiUrl };
  const client = new WebClient(settings.botToken, clientOptions);
  const once = new WebClient(settings.botToken, {
    ...clientOptions,
    timeout: POSTED_WITHIN_MS,
    fetch: fetchAfresh,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  const bot = await askWhoWeAre(client);
  const desk = createDesk(settings, tools, client, once, bot);
  const receiver = createReceiver(settings, tools);
  let connected = settings.mode === 'http';
  const app = new App({
    receiver,
    logger,
    clientOptions,
    authorize: async () => ({ botToken: settings.botToken, botId: bot.bot, botUserId: bot.user, teamId: bot.team }),
  });
  app.error(async (error) => tools.log.error({ err: error }, 'a listener failed'));
  for (const listen of LISTENERS) listen(app, desk);
  if (receiver instanceof SocketModeReceiver) {
    receiver.client.on('connected', () => {
      connected = true;
    });
    receiver.client.on('disconnected', () => {
      connected = false;
    });
  }
  return {
    bot,
    start: async () => void (receiver instanceof SocketModeReceiver && (await app.start())),
    async stop(deadlineMs) {
      if (receiver instanceof SocketModeReceiver)
        await Promise.race([app.stop(), sleep(deadlineMs, undefined, { ref: false })]);
      connected = false;
    },
    isConnected: () => connected,
    present: (subject) => present(subject, desk),
    tellFreeze: async (notice) => void (await tellFreeze(notice, desk)),
    auditChannel: (channel) => createAuditChannel(channel, tools.changes.store, desk.sendOnce),
    requestListener:
      receiver instanceof HTTPReceiver ? guardDoor(receiver.requestListener, () => tools.now().getTime()) : undefined,
  };
}

/** Slack knows the token, and it is of another kind. */
export class WrongToken extends Error {
  override readonly name = 'WrongToken';
}

async function askWhoWeAre(client: WebClient): Promise<BotIdentity> {
  const { user_id: user, bot_id: bot, user: name, team_id: team, url: workspace = null } = await client.auth.test();
  if (!user || !bot || !name || !team) throw new WrongToken('it is not a bot token, which begins with xoxb-');
  return { user, bot, name, team, workspace };
}

function createReceiver({ mode, appToken = '', signingSecret = '', apiUrl }: SlackSettings, { log }: SlackTools) {
  const logger = boltLogger(log);
  if (mode === 'http')
    return new HTTPReceiver({ signingSecret, endpoints: [SLACK_PATH], bodyLimit: MOST_BODY_BYTES, logger });
  const installerOptions = apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: apiUrl } };
  return new SocketModeReceiver({ appToken, logger, installerOptions });
}

async function present(subject: Subject, desk: Desk): Promise<void> {
  const cards = await cardsShowing(subject, desk);
  const presented = await Promise.all(cards.map(desk.presentCard));
  desk.refreshHomes();
  if (presented.includes('busy'))
    throw new Error(`A card of the ${subject.kind} ${subject.id} is being shown by somebody else.`);
}

/** What becomes of a change that takes a kept one back is seen on the card of that one, too. */
async function cardsShowing(subject: Subject, { store: { cards }, changes }: Desk): Promise<readonly string[]> {
  const kept = subject.kind === 'change' ? (await changes.store.changes.find(subject.id))?.reverts : null;
  const own = await cards.idsOf(subject);
  return kept == null ? own : [...own, ...(await cards.idsOf({ kind: 'change', id: kept }))];
}

function createDesk(
  settings: SlackSettings,
  tools: SlackTools,
  client: WebClient,
  once: WebClient,
  bot: BotIdentity,
): Desk {
  const { log } = tools;
  const now = () => tools.now().getTime();
  const sendOnce = createSendOnce(once);
  const people = createPeople(client, bot.team, settings.language, now, {
    silent: (group, error) => log.warn({ group, err: error }, 'Slack did not say who is in a user group'),
    gone(group) {
      log.warn({ group }, 'a user group of the policy is not in Slack any more: nobody is in it');
      const telling = { ...tools.changes, people, once: tools.store.once, sendOnce, voice: tools.voice, log };
      tellOfGroupGone(group, { ...telling, language: settings.language }).catch((error: unknown) =>
        log.warn({ err: error, group }, 'no admin could be told'),
      );
    },
  });
  const budget = createEditBudget(BURST, EDITS_A_MINUTE, now);
  const pace = createEditPace(PROGRESS_EVERY_MS, now);
  const refreshHomes = createHomeRefresher({ ...tools, client, people, bot });
  const reach = { ...tools, client };
  const look = (card: Card) => {
    const { subject } = card;
    return subject.kind === 'check' ? lookAtCheck(subject.id, card, reach) : lookAtChange(subject.id, reach);
  };
  const presenting = { ...reach, cards: tools.store.cards, sendOnce, budget, pace, look };

  return {
    ...reach,
    sendOnce,
    people,
    bot,
    channels: settings.channels,
    presentCard: (card) => presentCard(card, presenting),
    refreshHomes,
  };
}
