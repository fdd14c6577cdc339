/** Forms that come back. What is refused is said at its field while the form is open, and privately once it has closed. */
import type { App } from '@slack/bolt';
import { sentenceMessage } from '#render/slack/problem.ts';
import { type Asked, type Asking, attend } from './attend.ts';
import { aboutValue } from './change-desk.ts';
import { type Opened, parseOpened, type Values } from './modal-values.ts';
import { replyIn } from './reply.ts';
import type { Desk } from './tools.ts';

/** A block of the form, and a sentence for it. */
export interface FieldProblem {
  readonly field: string;
  readonly sentence: string;
}

export type OnSubmit = (
  callback: string,
  work: (opened: Opened, values: Values, asked: Asked) => Promise<FieldProblem | undefined>,
) => void;

const ACKNOWLEDGED_WITHIN_MS = 2000;
/** Slack refuses longer ones. */
const LONGEST_ERROR = 300;

export function listenForSubmissions(app: App, desk: Desk): OnSubmit {
  return (callback, work) =>
    app.view({ type: 'view_submission', callback_id: callback }, async ({ ack, view, body }) => {
      const opened = parseOpened(view.private_metadata, body.user.id);
      let acknowledged = false;
      async function acknowledge(errors?: Readonly<Record<string, string>>): Promise<boolean> {
        if (acknowledged) return false;
        acknowledged = true;
        await (errors === undefined ? ack() : ack({ response_action: 'errors', errors }));
        return true;
      }
      // Slack gives up after three seconds; the form closes before that, and what is refused later is said privately.
      const late = setTimeout(() => {
        acknowledge().catch((error: unknown) => desk.log.error({ err: error }, 'a form could not be acknowledged'));
      }, ACKNOWLEDGED_WITHIN_MS);
      const asking: Asking = {
        key: `submission ${view.id} ${view.hash}`,
        user: body.user.id,
        about: aboutValue(callback, opened.value),
        reply: replyIn(opened.channel, opened.thread, body.user.id, desk),
      };
      await attend(asking, desk, async (asked) => {
        const refused = await work(opened, view.state.values, asked);
        if (refused === undefined) return;
        // The form is still open, and comes back under the same name when its mistake is corrected.
        await desk.store.once.forget(asking.key);
        const { field, sentence } = refused;
        if (!(await acknowledge({ [field]: sentence.slice(0, LONGEST_ERROR) })))
          await asked.reply(sentenceMessage(sentence));
      });
      clearTimeout(late);
      await acknowledge();
    });
}
