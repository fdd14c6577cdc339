/** What can be pressed, chosen and typed in a message or a form. */
import type { Button, KnownBlock, ModalView, PlainTextOption } from '@slack/web-api';

/** Longer ones Slack refuses. */
const LONGEST_LABEL = 75;

export function label(text: string) {
  return { type: 'plain_text' as const, text };
}

export function button(action: string, text: string, value: string, more: Partial<Button> = {}): Button {
  return { type: 'button', action_id: action, value, text: label(text.slice(0, LONGEST_LABEL)), ...more };
}

/** A row of buttons; nothing where there are none. */
export function actions(elements: readonly Button[]): readonly KnownBlock[] {
  return elements.length === 0 ? [] : [{ type: 'actions', elements: [...elements] }];
}

interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
}

export function confirmation({ title, text, confirm, deny }: Question): NonNullable<Button['confirm']> {
  return { title: label(title), text: label(text), confirm: label(confirm), deny: label(deny) };
}

export function option(text: string, value: string): PlainTextOption {
  return { text: label(text), value };
}

/** `first`: what is chosen already. */
export function select(block: string, text: string, options: PlainTextOption[], first: PlainTextOption): KnownBlock {
  const element = { type: 'static_select' as const, action_id: block, options, initial_option: first };
  return { type: 'input', block_id: block, label: label(text), element };
}

interface Form {
  readonly title: string;
  /** Undefined where there is nothing to submit. */
  readonly submit: string | undefined;
  readonly close: string;
}

/** `metadata` is opaque, and comes back with what is submitted. */
export function form(id: string, metadata: string, words: Form, blocks: readonly KnownBlock[]): ModalView {
  const { title, submit, close } = words;
  return {
    type: 'modal',
    callback_id: id,
    private_metadata: metadata,
    title: label(title),
    ...(submit !== undefined && { submit: label(submit) }),
    close: label(close),
    blocks: [...blocks],
  };
}
