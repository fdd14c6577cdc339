/** A run's id is made from what asked for it, so that the same request asked again is the same run. */
import { createHash } from 'node:crypto';
import type { CheckId } from '#domain/check.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 8;

/** `key` names the request, such as a Slack trigger id. 40 bits: two of a billion requests a month may meet. */
export function newId(key: string): CheckId {
  const digest = createHash('sha256').update(key).digest();
  return Array.from({ length: LENGTH }, (_, index) => LETTERS[(digest[index] ?? 0) % LETTERS.length]).join(
    '',
  ) as CheckId;
}
