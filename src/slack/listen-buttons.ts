/** The buttons of the cards of checks, and of private answers. */
import type { App } from '@slack/bolt';
import { parseCheckId } from '#domain/check.ts';
import { check } from './check.ts';
import { cancelOne } from './commands/cancel.ts';
import { listenForPresses, placeOf, threadOf } from './presses.ts';
import type { Desk } from './tools.ts';
import { uploadReport } from './upload-report.ts';

/** One full report per card is enough for everybody who reads the thread. */
const ONCE_MS = 24 * 3_600_000;

export function listenForButtons(app: App, desk: Desk): void {
  const on = listenForPresses(app, desk);

  on('cancel-check', (value, _, asked) => cancelOne(value, asked, desk));

  on('check-again', async (value, pressed, asked) => {
    const run = await findRun(value, desk);
    if (run === undefined) return asked.refuse('unknown-run');
    await check({ host: run.host, interval: run.interval }, placeOf(pressed), asked, desk);
  });

  on(/^offer:\d+$/, async (value, pressed, asked, respond) => {
    const offer = await desk.store.offers.take(value);
    if (offer === undefined) await asked.refuse('expired-offer');
    else await check(offer, placeOf(pressed), asked, desk);
    // A private question has been answered: its buttons would not work again.
    await respond({ delete_original: true });
  });

  on('full-report', async (value, pressed, asked) => {
    const run = await findRun(value, desk);
    const stored = run && (await desk.store.reports.find(run.id));
    if (run === undefined || stored === undefined) return asked.refuse('unknown-run');
    const place = threadOf(pressed);
    const key = `full report ${run.id} ${place.channel} ${place.thread}`;
    if (!(await desk.store.once.first(key, ONCE_MS))) return;
    try {
      await uploadReport(stored.report, run.id, place, asked.person.language, desk);
    } catch (error) {
      await desk.store.once.forget(key);
      throw error;
    }
  });
}

function findRun(value: string, { store }: Desk) {
  const id = parseCheckId(value);
  return id === undefined ? Promise.resolve(undefined) : store.runs.find(id);
}
