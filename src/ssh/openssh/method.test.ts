import { describe, expect, it } from 'vitest';
import { methodIn } from './method.ts';

const KEY = 'SHA256:B2aW/Z5y//u+D5KrwJAK8mqFLJ1Szkj4To/g6ARKAbg';
const authenticated = (method: string) => `Authenticated to 127.0.0.1 ([127.0.0.1]:2200) using "${method}".\r\n`;

describe('methodIn', () => {
  it.each([
    [`debug1: Server accepts key: /k/plain ED25519 ${KEY} explicit`, 'publickey (/k/plain)'],
    [`debug1: Server accepts key: ann@work RSA ${KEY} agent`, 'publickey (ann@work in the agent)'],
    [`debug1: Server accepts key: /k/web ED25519-CERT ${KEY} explicit`, 'publickey (the certificate of /k/web)'],
  ])('%s', (line, method) => expect(methodIn(`${line}\r\n${authenticated('publickey')}`)).toBe(method));

  it('names the last key, which is the one that opened', () => {
    const lines = ['/k/a', '/k/b'].map((name) => `debug1: Server accepts key: ${name} ED25519 ${KEY} explicit\n`);
    expect(methodIn(lines.join('') + authenticated('publickey'))).toBe('publickey (/k/b)');
  });

  it.each(['gssapi-with-mic', 'hostbased'])('is %s where no key is used', (method) => {
    expect(methodIn(authenticated(method))).toBe(method);
  });

  it('is unknown where ssh does not say it', () => expect(methodIn('debug1: hello\n')).toBeUndefined());
});
