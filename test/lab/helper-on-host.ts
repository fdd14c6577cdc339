/** The change helper of a real host: where it keeps what, how a shell calls it, and what it says. */
import { PROTOCOL } from '#domain/helper-state.ts';
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { type HelperAnswer, readHelperAnswer } from '#kinds/sysctl/helper-answer.ts';

export const CONF = '/etc/sysctl.d/99-zz-tcp-oncall.conf';
export const STATE = '/var/lib/tcp-oncall';
export const WORD = 'abcdefgh12345678';
export const HELPER = `${HELPER_PATH} ${PROTOCOL} ${WORD}`;

/** Throws when it says nothing that can be read. */
export function helperSaid(stdout: string, otherwise: string): HelperAnswer {
  const answer = readHelperAnswer(stdout, WORD);
  if (answer === undefined) throw new Error(`The helper said nothing: ${stdout}${otherwise}`);
  return answer;
}
