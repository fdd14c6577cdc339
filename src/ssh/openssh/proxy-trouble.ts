/** What a ProxyCommand has to do with a login that failed, from ssh's messages: sshconnect.c. Pure. */
import type { ConnectionFailure } from '#domain/command.ts';
import { sayable } from '../sayable.ts';

/** Undefined where there is no such command, or where a server answered through it. `isLate`: we ended it. */
export function proxyTrouble(ssh: string, proxy: string, isLate: boolean): ConnectionFailure | undefined {
  const isUsed = /^debug1: Executing proxy command: /m.test(ssh);
  if (!isUsed || /^debug1: Remote protocol version /m.test(ssh)) return undefined;
  const [, printed] = /^debug1: kex_exchange_identification: banner line \d+: (.*)$/m.exec(ssh) ?? [];
  const because = lastWords(proxy);
  return { kind: 'proxy-failed', why: `the ProxyCommand ${reason()}` };

  function reason(): string {
    if (because === '' && printed !== undefined)
      return `answers with what is not SSH: "${sayable(printed).slice(0, 80)}"`;
    return `${isLate ? 'does not answer' : 'ended without an answer'}${because === '' ? '' : `: ${because}`}`;
  }
}

function lastWords(text: string): string {
  return sayable(text.trimEnd().split('\n').at(-1) ?? '');
}
