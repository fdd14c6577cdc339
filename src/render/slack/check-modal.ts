/** The modal that asks which host to check, and where to show it. */
import type { KnownBlock, ModalView, PlainTextOption } from '@slack/web-api';
import { fill } from '#render/words.ts';
import type { SlackVoice } from './message.ts';

export const CHECK_MODAL = 'check-host';

const INTERVALS = [5, 10, 30, 60] as const;

export interface CheckModal {
  /** A host to begin with. */
  readonly host: string | null;
  /** True when the card goes into a thread that is known already. */
  readonly inThread: boolean;
  /** Opaque; comes back with the submission. */
  readonly metadata: string;
}

export function checkModal({ host, inThread, metadata }: CheckModal, { slack: { modal } }: SlackVoice): ModalView {
  const label = (text: string) => ({ type: 'plain_text' as const, text });
  const interval = (seconds: number): PlainTextOption => ({
    text: label(fill(modal.seconds, { n: seconds })),
    value: String(seconds),
  });
  const where: KnownBlock = inThread
    ? { type: 'context', elements: [label(modal.inThread)] }
    : {
        type: 'input',
        block_id: 'conversation',
        label: label(modal.conversation),
        element: {
          type: 'conversations_select',
          action_id: 'conversation',
          default_to_current_conversation: true,
          filter: { include: ['public', 'private'], exclude_bot_users: true },
        },
      };
  return {
    type: 'modal',
    callback_id: CHECK_MODAL,
    private_metadata: metadata,
    title: label(modal.title),
    submit: label(modal.submit),
    close: label(modal.close),
    blocks: [
      {
        type: 'input',
        block_id: 'host',
        label: label(modal.host),
        element: {
          type: 'external_select',
          action_id: 'host',
          min_query_length: 0,
          placeholder: label(modal.hostHint),
          ...(host !== null && { initial_option: { text: label(host.slice(0, 75)), value: host.slice(0, 150) } }),
        },
      },
      {
        type: 'input',
        block_id: 'interval',
        label: label(modal.interval),
        element: {
          type: 'static_select',
          action_id: 'interval',
          options: INTERVALS.map(interval),
          initial_option: interval(5),
        },
      },
      where,
    ],
  };
}
