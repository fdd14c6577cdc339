/** Text and composition objects of Block Kit with Slack's limits. https://docs.slack.dev/reference/block-kit/composition-objects */
import { z } from 'zod';

export const upTo = (limit: number) => z.string().min(1).max(limit);
export const id = z.string().min(1).max(255).optional();

export function plainText(limit: number) {
  return z.strictObject({ type: z.literal('plain_text'), text: upTo(limit), emoji: z.boolean().optional() });
}

export function anyText(limit: number) {
  const mrkdwn = z.strictObject({ type: z.literal('mrkdwn'), text: upTo(limit), verbatim: z.boolean().optional() });
  return z.discriminatedUnion('type', [plainText(limit), mrkdwn]);
}

export const option = z.strictObject({
  text: anyText(75),
  value: upTo(150),
  description: anyText(75).optional(),
  url: upTo(3000).optional(),
});

const options = (most: number) => z.array(option).min(1).max(most);

export const optionGroup = z.strictObject({ label: plainText(75), options: options(100) });

export const confirm = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});

export { options };
