/** Why a host takes no change, with the command that makes it ready. */
import type { Unready } from '#domain/helper-state.ts';
import type { ChangeWords } from './slack/change-words.ts';
import { fill } from './words.ts';

export function unreadySentence(
  { why, has, needs }: Unready,
  host: string,
  { problems }: Pick<ChangeWords, 'problems'>,
): string {
  return fill(problems[why], { host, has, needs });
}
