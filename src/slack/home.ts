/** App Home: published when somebody opens it, and again when something changes while they may still be looking. */
import type { App } from '@slack/bolt';
import { homeView } from '#render/slack/home-view.ts';
import type { Desk } from './tools.ts';

type HomeTools = Pick<Desk, 'store' | 'client' | 'people' | 'voice' | 'now' | 'log'>;

const AT_MOST_EVERY_MS = 3000;
const MOST_REPORTS = 10;

export async function publishHome(user: string, { store, client, people, voice, now }: HomeTools): Promise<void> {
  const { language, standing } = await people.find(user);
  if (standing !== 'member') return;
  const [active, recent] = await Promise.all([store.runs.active(), store.reports.recent(MOST_REPORTS)]);
  const mine = active.filter(({ actor }) => actor.id === user);
  const others = active.filter(({ actor }) => actor.id !== user);
  await client.views.publish({ user_id: user, view: homeView({ mine, others, recent, now: now() }, voice(language)) });
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
