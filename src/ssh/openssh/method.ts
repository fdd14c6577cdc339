/** How ssh was let in, from its messages: sshconnect2.c. Pure. */
import { sayable } from '../sayable.ts';
import { keysAfter, nameOf } from './denied.ts';

/** In SSH's words, with the key where one was used; undefined where ssh does not say it. */
export function methodIn(text: string): string | undefined {
  const [, method] = /^Authenticated to .* using "([^"\n]+)"\.\r?$/m.exec(text) ?? [];
  const key = keysAfter('Server accepts key', text.replaceAll('\r', '')).at(-1);
  if (method === undefined) return undefined;
  return method === 'publickey' && key !== undefined ? `publickey (${nameOf(key)})` : sayable(method);
}
