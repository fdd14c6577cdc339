/** Why the bot cannot start; the message is finished sentences that say what to do. */
export class ServeError extends Error {
  override readonly name = 'ServeError';
}

export function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.replace(/\.$/, '');
}

/** What the bot needs does not answer, and may later; the message is finished sentences. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
}
