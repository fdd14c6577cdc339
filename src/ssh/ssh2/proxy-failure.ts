/** Why a ProxyCommand has brought no SSH server. Pure. */
import { sayable } from '../sayable.ts';

export type ProxyEnd =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly code: string }
  /** By us, who had waited long enough. */
  | { readonly kind: 'stopped' };

/** The beginning of what it printed, and the end of what it complained of. */
export interface ProxyWords {
  readonly printed: string;
  readonly complained: string;
}

/** The second half of a sentence. */
export function proxyFailure(end: ProxyEnd, { printed, complained }: ProxyWords): string {
  const command = 'the ProxyCommand';
  const said = sayable(lastLine(complained));
  const because = said === '' ? '' : `: ${said}`;
  switch (end.kind) {
    case 'not-started':
      return `${command} cannot be run (${end.code})`;
    case 'signalled':
      return `${command} was ended by ${end.signal}${because}`;
    case 'exited':
      if (end.status === 0 && printed !== '') break;
      return `${command} ended with ${end.status}${because === '' ? quoted(printed) : because}`;
    case 'stopped':
      if (printed !== '') break;
      return `${command} does not answer${because}`;
  }
  return `${command} answers with what is not SSH${quoted(printed)}`;
}

function quoted(text: string): string {
  const said = sayable(text).slice(0, 80);
  return said === '' ? '' : `: "${said}"`;
}

/** What an ssh as the command says of its work with -v. */
const SSH_AT_WORK = /^(?:debug\d: |OpenSSH_|Transferred: |Bytes per second: )/;

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !SSH_AT_WORK.test(line));
  return lines.at(-1) ?? '';
}
