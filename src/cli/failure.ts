/** Exit statuses, and errors that end a command with one of them. */

/** 0 nothing found; 1 findings; 2 wrong usage or configuration; 3 the host could not be checked; 130 interrupted. */
export const STATUS = { nothing: 0, findings: 1, usage: 2, unchecked: 3, interrupted: 130 } as const;

export type Status = (typeof STATUS)[keyof typeof STATUS];

/** Wrong usage or configuration; the message is finished sentences that say what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
