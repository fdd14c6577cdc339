/** `tcp-oncall serve`: the bot, until Ctrl-C or SIGTERM. */
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import type { Session } from './session.ts';
import type { ServeOptions } from './world.ts';

export async function serveUntilEnd({ options, session }: Call<ServeOptions>): Promise<Status> {
  const asked = session.signal.aborted || (await serve(options, session));
  return asked ? STATUS.nothing : STATUS.unchecked;
}

/** Told to end while the hosts are read, it ends as told, too. */
async function serve(options: ServeOptions, session: Session): Promise<boolean> {
  const inventory = await session.inventory().catch((error: unknown) => {
    if (session.signal.aborted) return undefined;
    throw error;
  });
  return (
    session.signal.aborted ||
    inventory === undefined ||
    session.serve(options, session.config, inventory, session.reread)
  );
}
