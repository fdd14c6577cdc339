/** Refuses blocks as Slack does: unknown kinds and properties, limits, ids used twice. https://docs.slack.dev/reference/block-kit/blocks */
import { z } from 'zod';
import { asAccessory, image, inActions, inInput } from './elements.ts';
import { richText, table } from './rich-text.ts';
import type { Block } from './snapshot.ts';
import { anyText, id, plainText, upTo } from './text-objects.ts';

const MOST = { message: 50, modal: 100, home: 100 } as const;
/** No page says so; every message beyond about this many characters was refused. */
const LONGEST_MESSAGE = 13_200;

export type Surface = keyof typeof MOST;

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id: id,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: asAccessory.optional(),
    expand: z.boolean().optional(),
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, {
    error: 'must define either `text` or `fields`',
  });

const everywhere = [
  section,
  z.strictObject({ type: z.literal('header'), block_id: id, text: plainText(150) }),
  z.strictObject({ type: z.literal('divider'), block_id: id }),
  z.strictObject({
    type: z.literal('context'),
    block_id: id,
    elements: z
      .array(z.union([anyText(3000), image]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ type: z.literal('actions'), block_id: id, elements: z.array(inActions).min(1).max(25) }),
  image.extend({ block_id: id, title: plainText(2000).optional() }),
  richText,
] as const;

const input = z.strictObject({
  type: z.literal('input'),
  block_id: id,
  label: plainText(2000),
  element: inInput,
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
});

const markdown = z.strictObject({ type: z.literal('markdown'), block_id: id, text: upTo(12_000) });

const BLOCK = {
  message: z.discriminatedUnion('type', [...everywhere, table, markdown, input]),
  modal: z.discriminatedUnion('type', [...everywhere, input]),
  home: z.discriminatedUnion('type', [...everywhere, input]),
} as const;

export type Validated =
  | { readonly kind: 'blocks'; readonly blocks: readonly Block[] }
  /** `messages` as in Slack's response_metadata. */
  | {
      readonly kind: 'invalid';
      readonly error: 'invalid_blocks' | 'msg_blocks_too_long' | 'invalid_attachments';
      readonly messages: readonly string[];
    };

/** The blocks with every block_id and action_id filled in, or why Slack would not take them. Never throws. */
export function validateBlocks(blocks: unknown, surface: Surface): Validated {
  if (!Array.isArray(blocks)) return invalid([problem('must provide an array', '/blocks')]);
  const most = MOST[surface];
  if (blocks.length > most) return invalid([problem(`no more than ${most} items allowed`, '/blocks')]);
  const problems = blocks.flatMap((block, index) => {
    const parsed = BLOCK[surface].safeParse(block);
    return parsed.success ? [] : parsed.error.issues.map((issue) => problem(issue.message, pointer(index, issue.path)));
  });
  if (problems.length > 0) return invalid(problems);
  const twice = idsUsedTwice(blocks as Block[]);
  if (twice.length > 0) return invalid(twice);
  if ((blocks as Block[]).filter(({ type }) => type === 'table').length > 1) {
    return {
      kind: 'invalid',
      error: 'invalid_attachments',
      messages: [problem('only one table is allowed', '/blocks')],
    };
  }
  if (surface === 'message' && textLength(blocks) > LONGEST_MESSAGE) {
    return { kind: 'invalid', error: 'msg_blocks_too_long', messages: [problem('the message is too long', '/blocks')] };
  }
  return { kind: 'blocks', blocks: withIds(blocks as Block[]) };
}

function invalid(messages: readonly string[]): Validated {
  return { kind: 'invalid', error: 'invalid_blocks', messages };
}

function problem(what: string, where: string): string {
  return `[ERROR] ${what} [json-pointer:${where}]`;
}

function pointer(index: number, path: readonly PropertyKey[]): string {
  return ['/blocks', index, ...path.map(String)].join('/');
}

function idsUsedTwice(blocks: readonly Block[]): readonly string[] {
  const ids = blocks.map((block) => block['block_id']).filter((blockId) => blockId !== undefined);
  const again = ids.filter((blockId, index) => ids.indexOf(blockId) < index);
  const actions = blocks.flatMap((block, index) => {
    const named = elementsOf(block)
      .map((element) => element['action_id'])
      .filter((action) => action !== undefined);
    return named.some((action, at) => named.indexOf(action) < at)
      ? [problem('`action_id` must be unique', `/blocks/${index}/elements`)]
      : [];
  });
  return [...again.map((blockId) => problem(`\`block_id\` "${blockId}" already exists`, '/blocks')), ...actions];
}

/** Characters in all texts, wherever they are. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + textLength(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + (name === 'text' && typeof each === 'string' ? each.length : textLength(each)),
    0,
  );
}

let last = 0;
const fresh = () => `l${(++last).toString(36)}`;

function withIds(blocks: readonly Block[]): readonly Block[] {
  return blocks.map((block) => ({
    ...block,
    block_id: block['block_id'] ?? fresh(),
    ...(Array.isArray(block['elements']) &&
      block.type === 'actions' && { elements: block['elements'].map(withActionId) }),
    ...(block['accessory'] !== undefined && { accessory: withActionId(block['accessory']) }),
    ...(block['element'] !== undefined && { element: withActionId(block['element']) }),
  }));
}

function withActionId(element: unknown): Block {
  const known = element as Block;
  return { ...known, action_id: known['action_id'] ?? fresh() };
}

/** What a person can press or fill in, in this block. */
export function elementsOf(block: Block): readonly Block[] {
  const { elements, accessory, element } = block as Readonly<Record<string, unknown>>;
  const listed = block.type === 'actions' && Array.isArray(elements) ? (elements as Block[]) : [];
  return [...listed, ...[accessory, element].filter((one) => one !== undefined).map((one) => one as Block)];
}
