/** Refuses views as Slack does. https://docs.slack.dev/reference/views */
import { z } from 'zod';
import type { Block } from './snapshot.ts';
import { plainText } from './text-objects.ts';
import { validateBlocks } from './validate-blocks.ts';

const common = {
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3000).optional(),
  external_id: z.string().max(255).optional(),
  blocks: z.array(z.looseObject({})),
};

const modal = z.strictObject({
  type: z.literal('modal'),
  title: plainText(24),
  submit: plainText(24).optional(),
  close: plainText(24).optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
  submit_disabled: z.boolean().optional(),
  ...common,
});
const home = z.strictObject({ type: z.literal('home'), ...common });

export interface View {
  readonly type: 'modal' | 'home';
  readonly blocks: readonly Block[];
  readonly title?: { readonly text: string };
  readonly submit?: { readonly text: string };
  readonly close?: { readonly text: string };
  readonly callback_id?: string;
  readonly private_metadata?: string;
}

export type ValidView =
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'invalid'; readonly messages: readonly string[] };

export function validateView(value: unknown): ValidView {
  const parsed = z.discriminatedUnion('type', [modal, home]).safeParse(value);
  if (!parsed.success) {
    const messages = parsed.error.issues.map(
      ({ message, path }) => `[ERROR] ${message} [json-pointer:/view/${path.join('/')}]`,
    );
    return { kind: 'invalid', messages };
  }
  const { data } = parsed;
  const blocks = validateBlocks(data.blocks, data.type);
  if (blocks.kind === 'invalid') return { kind: 'invalid', messages: blocks.messages };
  if (data.type === 'modal' && data.submit === undefined && blocks.blocks.some(({ type }) => type === 'input')) {
    return {
      kind: 'invalid',
      messages: ['[ERROR] `submit` is required when blocks contains an input [json-pointer:/view/submit]'],
    };
  }
  return { kind: 'view', view: { ...data, blocks: blocks.blocks } as View };
}
