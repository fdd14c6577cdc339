/** App Home: published when somebody opens it, and again when something changes while they may still be looking. */
import type { App } from '@slack/bolt';
import { policyGate, shownHash, targetOf } from '#app/decide-ports.ts';
import { listChanges } from '#app/list-changes.ts';
import { groupsNeeded } from '#change/circles.ts';
import { mayApprove, mayBreakGlass, mayRevert } from '#change/policy.ts';
import type { Subject } from '#domain/card.ts';
import { type Change, gateOf, trialOf } from '#domain/change.ts';
import { homeView, type MayDecide } from '#render/slack/home-view.ts';
import { cardFor, permalink } from './permalink.ts';
import type { Desk } from './tools.ts';

type HomeTools = Pick<Desk, 'store' | 'client' | 'people' | 'voice' | 'now' | 'log' | 'changes' | 'inventory' | 'bot'>;

const AT_MOST_EVERY_MS = 3000;
const MOST_REPORTS = 10;

export async function publishHome(user: string, tools: HomeTools): Promise<void> {
  const { store, client, people, voice, now } = tools;
  const { language, standing } = await people.find(user);
  if (standing !== 'member') return;
  const [active, recent, changes] = await Promise.all([
    store.runs.active(),
    store.reports.recent(MOST_REPORTS),
    listChanges(tools.changes.store),
  ]);
  const decisions = await decisionsOf(user, changes.active, tools);
  const links = await linksFor(
    user,
    [
      ...changes.active.map(({ id }): Subject => ({ kind: 'change', id })),
      ...recent.map(({ id }): Subject => ({ kind: 'check', id })),
    ],
    tools,
  );
  const mine = active.filter(({ actor }) => actor.id === user);
  const others = active.filter(({ actor }) => actor.id !== user);
  const shown = { mine, others, recent, changes: { ...changes, links }, decisions, now: now() };
  await client.views.publish({ user_id: user, view: homeView(shown, voice(language)) });
}

/** What this person may decide on: a gate that they may open, or a trial of their own that they may end. */
async function decisionsOf(
  user: string,
  changes: readonly Change[],
  { changes: { policy, kinds }, people, inventory }: HomeTools,
): Promise<ReadonlyMap<string, MayDecide>> {
  const open = changes
    .filter(({ state }) => state.kind === 'waiting')
    .map((change) => ({ change, gate: policyGate(change, kinds), target: targetOf(change, inventory()) }));
  const groups = new Set(
    open.flatMap(({ target, gate }) =>
      (['approve', 'revert'] as const).flatMap((deed) => groupsNeeded(deed, policy, target, gate, user)),
    ),
  );
  const person = { id: user, ...(await people.standingIn(user, [...groups])) };
  return new Map(
    open.flatMap(({ change, gate, target }) => {
      const isOwn = change.requester.id === user;
      const alone = change.breakGlass && !gate.first && mayBreakGlass(policy, target, gate, person).kind === 'allowed';
      const may = alone || (!isOwn && mayApprove(policy, target, gate, person).kind === 'allowed');
      const ends = isOwn && trialOf(change) !== undefined && mayRevert(policy, target, gate, person).kind === 'allowed';
      const approve = may && !gateOf(change)?.needs.outside;
      return may || ends ? [[change.id, { approve, hash: shownHash(change, kinds) }] as const] : [];
    }),
  );
}

/** Addresses of their cards, by id; what has none that this person could open is left out. */
async function linksFor(
  user: string,
  subjects: readonly Subject[],
  { store, bot }: HomeTools,
): Promise<ReadonlyMap<string, string>> {
  const links = subjects.map(async (subject) => {
    const card = cardFor(user, await store.cards.of(subject));
    const url = card && permalink(card, bot);
    return url === undefined ? [] : [[subject.id as string, url] as const];
  });
  return new Map((await Promise.all(links)).flat());
}

/** Asked for as often as anything changes, done at most every few seconds. */
export function createHomeRefresher(tools: HomeTools): () => void {
  let isWaiting = false;
  async function refresh(): Promise<void> {
    isWaiting = false;
    const users = await tools.store.onlookers.recent();
    await Promise.all(users.map((user) => publishHome(user, tools)));
  }
  function refreshOrSay(): void {
    refresh().catch((error: unknown) => tools.log.warn({ err: error }, 'App Home could not be refreshed'));
  }
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(refreshOrSay, AT_MOST_EVERY_MS).unref();
  };
}

export function listenForHome(app: App, desk: Desk): void {
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab !== 'home') return;
    try {
      await publishHome(event.user, desk);
      await desk.store.onlookers.came(event.user);
    } catch (error) {
      desk.log.warn({ err: error, user: event.user }, 'App Home could not be shown');
    }
  });
}
