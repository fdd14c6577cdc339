/** The form that asks for a kernel with another TIME_WAIT. */
import type { KnownBlock, ModalView } from '@slack/web-api';
import { LONGEST_REASON } from '#domain/change.ts';
import { form, label, option, select } from './elements.ts';
import type { SlackVoice } from './message.ts';
import { line, plain, rich } from './rich.ts';

export const KERNEL_MODAL = 'build-kernel';

export interface KernelModal {
  /** What is known already; null = nothing. */
  readonly host: string | null;
  readonly builder: string | null;
  readonly seconds: number | null;
  readonly reason: string;
  readonly config: 'running' | 'modules';
  readonly reasonRequired: boolean;
  /** Opaque; comes back with the submission. */
  readonly metadata: string;
}

/** Seconds that are offered where somebody named none. */
const USUAL_SECONDS = 15;

export function kernelModal(shown: KernelModal, { slack: { kernel: words } }: SlackVoice): ModalView {
  const { modal } = words;
  const running = option(modal.running, 'running');
  const modules = option(modal.modules, 'modules');
  return form(KERNEL_MODAL, shown.metadata, modal, [
    rich(line(plain(modal.intro))),
    hostInput('host', modal.host, shown.host, modal.hint),
    secondsInput(modal.seconds, shown.seconds ?? USUAL_SECONDS),
    hostInput('builder', modal.builder, shown.builder, modal.hint),
    select('config', modal.config, [running, modules], shown.config === 'running' ? running : modules),
    reasonInput(modal.reason, shown),
  ]);
}

function hostInput(block: string, text: string, host: string | null, hint: string): KnownBlock {
  return {
    type: 'input',
    block_id: block,
    label: label(text),
    element: {
      type: 'external_select',
      action_id: block,
      min_query_length: 0,
      placeholder: label(hint),
      ...(host !== null && { initial_option: option(host.slice(0, 75), host.slice(0, 150)) }),
    },
  };
}

function secondsInput(text: string, seconds: number): KnownBlock {
  const element = { type: 'plain_text_input', action_id: 'seconds', initial_value: String(seconds) } as const;
  return { type: 'input', block_id: 'seconds', label: label(text), element: { ...element, max_length: 4 } };
}

function reasonInput(text: string, { reason, reasonRequired }: KernelModal): KnownBlock {
  const element = {
    type: 'plain_text_input',
    action_id: 'reason',
    multiline: true,
    max_length: LONGEST_REASON,
  } as const;
  return {
    type: 'input',
    block_id: 'reason',
    optional: !reasonRequired,
    label: label(text),
    element: reason === '' ? element : { ...element, initial_value: reason.slice(0, LONGEST_REASON) },
  };
}
