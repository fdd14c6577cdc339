/** Interactive elements of Block Kit with Slack's limits. https://docs.slack.dev/reference/block-kit/block-elements */
import { z } from 'zod';
import { confirm, id, option, optionGroup, options, plainText, upTo, webAddress } from './text-objects.ts';

const common = { action_id: id, confirm: confirm.optional(), focus_on_load: z.boolean().optional() };
const placeholder = plainText(150).optional();

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: id,
  url: webAddress.optional(),
  value: upTo(2000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
  accessibility_label: upTo(75).optional(),
});

const staticSelect = z
  .strictObject({
    type: z.literal('static_select'),
    ...common,
    placeholder,
    options: options(100).optional(),
    option_groups: z.array(optionGroup).min(1).max(100).optional(),
    initial_option: option.optional(),
  })
  .refine(({ options: listed, option_groups: groups }) => listed !== undefined || groups !== undefined, {
    error: 'must define `options` or `option_groups`',
  });

const externalSelect = z.strictObject({
  type: z.literal('external_select'),
  ...common,
  placeholder,
  min_query_length: z.int().min(0).optional(),
  initial_option: option.optional(),
});

const conversationsSelect = z.strictObject({
  type: z.literal('conversations_select'),
  ...common,
  placeholder,
  initial_conversation: z.string().optional(),
  default_to_current_conversation: z.boolean().optional(),
  response_url_enabled: z.boolean().optional(),
  filter: z
    .strictObject({
      include: z
        .array(z.enum(['im', 'mpim', 'private', 'public']))
        .min(1)
        .optional(),
      exclude_external_shared_channels: z.boolean().optional(),
      exclude_bot_users: z.boolean().optional(),
    })
    .optional(),
});

const usersSelect = z.strictObject({
  type: z.literal('users_select'),
  ...common,
  placeholder,
  initial_user: z.string().optional(),
});

const overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: id,
  confirm: confirm.optional(),
  options: options(5),
});

const textInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: id,
  placeholder,
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
  focus_on_load: z.boolean().optional(),
  dispatch_action_config: z.looseObject({}).optional(),
});

const several = { ...common, options: options(10), initial_options: options(10).optional() };
const checkboxes = z.strictObject({ type: z.literal('checkboxes'), ...several });
const radioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  ...common,
  options: options(10),
  initial_option: option.optional(),
});

export const image = z.strictObject({
  type: z.literal('image'),
  image_url: webAddress,
  alt_text: upTo(2000),
});

const choosers = [staticSelect, externalSelect, conversationsSelect, usersSelect, radioButtons, checkboxes] as const;

export const inActions = z.discriminatedUnion('type', [button, overflow, ...choosers]);
export const asAccessory = z.discriminatedUnion('type', [button, overflow, image, ...choosers]);
export const inInput = z.discriminatedUnion('type', [textInput, ...choosers]);
