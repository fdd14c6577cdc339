/** Values that occur in several places of tcp-oncall.yaml. Each message is the end of a sentence that begins with the place in the file. */
import { z } from 'zod';
import { parseDuration } from '#domain/duration.ts';

export const text = z.string({ error: 'must be text' }).min(1, { error: 'must not be empty' });
export const yesOrNo = z.boolean({ error: 'must be true or false' });
export const duration = z
  .string({ error: 'must be a length of time such as 10s, 500ms or 2m' })
  .refine((value) => parseDuration(value) !== undefined, { error: 'must be a length of time such as 10s, 500ms or 2m' })
  .transform((value) => parseDuration(value) ?? 0);
/** A whole number from `least` to `most`. */
export function whole(least: number, most: number, what = 'a whole number') {
  const error = `must be ${what} from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}
export const mapping = {
  error: (issue: { readonly code?: string }) => (issue.code === 'invalid_type' ? 'must be a mapping' : undefined),
};

export const userId = z.string({ error: 'must be text' }).regex(/^[UW][A-Z0-9]{2,}$/, {
  error: 'is not a Slack user id: Slack shows it in the menu of a profile, and it begins with U',
});
const userGroupId = z.string({ error: 'must be text' }).regex(/^S[A-Z0-9]{2,}$/, {
  error: 'is not the id of a Slack user group: it begins with S',
});
export const circle = z.strictObject(
  {
    users: z.array(userId, { error: 'must be a list of Slack user ids' }).default([]),
    userGroups: z.array(userGroupId, { error: 'must be a list of ids of Slack user groups' }).default([]),
  },
  mapping,
);
export const groups = z.array(text, { error: 'must be a list of groups of hosts, or "*"' }).min(1, {
  error: 'must name a group of hosts, or "*"',
});
