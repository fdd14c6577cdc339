/** Takes secrets out of a line, wherever in it they are: the ones we know, and whatever looks like a token of Slack's. */

const TOKENS = /\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{6,}/g;
/** Passwords in addresses: redis://user:password@host */
const IN_ADDRESSES = /(?<=\/\/[^\s/:@"]*:)[^\s/@"]+(?=@)/g;
const HIDDEN = '[secret]';
/** Anything shorter may stand in a line for another reason. */
const SHORTEST = 6;

export type Redact = (line: string) => string;

export function createRedact(secrets: readonly (string | undefined)[]): Redact {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= SHORTEST) as readonly string[];
  return (line) =>
    known
      .reduce((text, secret) => text.replaceAll(secret, HIDDEN), line)
      .replaceAll(TOKENS, HIDDEN)
      .replaceAll(IN_ADDRESSES, HIDDEN);
}
