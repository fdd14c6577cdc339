/** Takes secrets out of a line, wherever in it they are: the ones we know, and whatever looks like a token of Slack's. */

const TOKENS = /\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{6,}/g;
/** Passwords in addresses: redis://user:password@host */
const IN_ADDRESSES = /(?<=\/\/[^\s/:@"]*:)[^\s/@"]+(?=@)/g;
const HIDDEN = '[secret]';
/** Anything shorter may stand in a line for another reason. */
const SHORTEST = 6;

export type Redact = (line: string) => string;

export function createRedact(secrets: readonly (string | undefined)[]): Redact {
  // A key of several lines may be anywhere line by line, as where a JSON text has it.
  const known = secrets
    .flatMap((secret) => secret?.split('\n') ?? [])
    .filter((line) => line.length >= SHORTEST && !line.startsWith('-----'));
  return (line) =>
    known
      .reduce((text, secret) => text.replaceAll(secret, HIDDEN), line)
      .replaceAll(TOKENS, HIDDEN)
      .replaceAll(IN_ADDRESSES, HIDDEN);
}
