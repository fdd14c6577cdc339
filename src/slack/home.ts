/** App Home: published when somebody opens it, and again when something changes while they may still be looking. */
import type { App } from '@slack/bolt';
import { policyGate, targetOf } from '#app/decide-ports.ts';
import { listChanges } from '#app/list-changes.ts';
import { groupsNeeded } from '#change/circles.ts';
import { mayApprove } from '#change/policy.ts';
import type { Change } from '#domain/change.ts';
import { homeView } from '#render/slack/home-view.ts';
import { groupsOf } from './change-desk.ts';
import type { Desk } from './tools.ts';

type HomeTools = Pick<Desk, 'store' | 'client' | 'people' | 'voice' | 'now' | 'log' | 'changes' | 'inventory'>;

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
  const waiting = await waitingFor(user, changes.active, tools);
  const mine = active.filter(({ actor }) => actor.id === user);
  const others = active.filter(({ actor }) => actor.id !== user);
  const shown = { mine, others, recent, changes, waiting, now: now() };
  await client.views.publish({ user_id: user, view: homeView(shown, voice(language)) });
}

/** Those whose open gate this person may open. */
async function waitingFor(
  user: string,
  changes: readonly Change[],
  { changes: { policy }, people, inventory }: HomeTools,
): Promise<ReadonlySet<string>> {
  const open = changes
    .filter(({ state, requester }) => state.kind === 'waiting' && requester.id !== user)
    .map((change) => ({
      id: change.id,
      gate: policyGate(change),
      target: targetOf(change, { groupsOf: (host) => groupsOf(host, inventory) }),
    }));
  const groups = new Set(open.flatMap(({ target, gate }) => groupsNeeded('approve', policy, target, gate, user)));
  const person = { id: user, ...(await people.standingIn(user, [...groups])) };
  const mine = open.filter(({ target, gate }) => mayApprove(policy, target, gate, person).kind === 'allowed');
  return new Set(mine.map(({ id }) => id));
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
