/** The modal that asks which host to check, and where to show it. */
import type { KnownBlock, ModalView } from '@slack/web-api';
import { fill } from '#render/words.ts';
import { form, label, option, select } from './elements.ts';
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
  const interval = (seconds: number) => option(fill(modal.seconds, { n: seconds }), String(seconds));
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
  const which: KnownBlock = {
    type: 'input',
    block_id: 'host',
    label: label(modal.host),
    element: {
      type: 'external_select',
      action_id: 'host',
      min_query_length: 0,
      placeholder: label(modal.hostHint),
      ...(host !== null && { initial_option: option(host.slice(0, 75), host.slice(0, 150)) }),
    },
  };
  const howLong = select('interval', modal.interval, INTERVALS.map(interval), interval(5));
  return form(CHECK_MODAL, metadata, modal, [which, howLong, where]);
}
