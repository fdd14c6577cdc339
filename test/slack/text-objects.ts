/** Text and composition objects of Block Kit with Slack's limits. https://docs.slack.dev/reference/block-kit/composition-objects */
import { z } from 'zod';

export const upTo = (limit: number) => z.string().min(1).max(limit);
export const id = z.string().min(1).max(255).optional();

/** Slack takes addresses of pages, whole: nothing relative, and no other scheme. */
export const webAddress = upTo(3000).refine(isWebAddress, {
  error: 'must be a valid url that begins with http:// or https://',
});

function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^/]/i.test(url) && URL.canParse(url);
}

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
  url: webAddress.optional(),
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
