/** The buttons of cards and of private answers. Their values are opaque: what they mean is looked up here. */
import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import { parseCheckId } from '#domain/check.ts';
import { type Asked, type Asking, attend } from './attend.ts';
import { check } from './check.ts';
import { cancelOne } from './commands/cancel.ts';
import { replyThrough } from './reply.ts';
import type { Desk } from './tools.ts';
import { uploadReport } from './upload-report.ts';

type Pressed = BlockAction<ButtonAction>;
type Listener = (value: string, pressed: Pressed, asked: Asked) => Promise<void>;

/** One full report per card is enough for everybody who reads the thread. */
const ONCE_MS = 24 * 3_600_000;

export function listenForButtons(app: App, desk: Desk): void {
  function on(id: string | RegExp, listener: Listener): void {
    app.action<Pressed>({ type: 'block_actions', action_id: id }, async ({ ack, body, action, respond }) => {
      await ack();
      const run = parseCheckId(action.value ?? '');
      const about = { action: action.action_id, ...(run !== undefined && { run }) };
      const asking: Asking = {
        key: `press ${body.trigger_id}`,
        user: body.user.id,
        about,
        reply: replyThrough(respond),
      };
      await attend(asking, desk, async (asked) => {
        await listener(action.value ?? '', body, asked);
        // A private question has been answered: its buttons would not work again.
        if (action.action_id.startsWith('offer:')) await respond({ delete_original: true });
      });
    });
  }

  on('cancel-check', (value, _, asked) => cancelOne(value, asked, desk));

  on('check-again', async (value, pressed, asked) => {
    const run = await findRun(value, desk);
    if (run === undefined) return asked.refuse('unknown-run');
    await check({ host: run.host, interval: run.interval }, placeOf(pressed), asked, desk);
  });

  on(/^offer:\d+$/, async (value, pressed, asked) => {
    const offer = await desk.store.offers.take(value);
    if (offer === undefined) return asked.refuse('expired-offer');
    await check(offer, placeOf(pressed), asked, desk);
  });

  on('full-report', async (value, pressed, asked) => {
    const run = await findRun(value, desk);
    const stored = run && (await desk.store.reports.find(run.id));
    if (run === undefined || stored === undefined) return asked.refuse('unknown-run');
    const { channel, thread } = placeOf(pressed);
    const inThread = { channel, thread: thread ?? pressed.message?.ts ?? null };
    const key = `full report ${run.id} ${channel} ${inThread.thread}`;
    if (!(await desk.store.once.first(key, ONCE_MS))) return;
    try {
      await uploadReport(stored.report, run.id, inThread, asked.person.language, desk);
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

/** Where the button is: what comes of it goes there too. */
function placeOf({ channel, container, message }: Pressed) {
  const thread = message?.['thread_ts'] ?? container['thread_ts'];
  return {
    channel: channel?.id ?? String(container['channel_id']),
    thread: typeof thread === 'string' ? thread : null,
  };
}
