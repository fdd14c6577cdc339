/** `tcp-oncall serve`: the bot, until Ctrl-C or SIGTERM. */
import { STATUS, type Status } from './failure.ts';
import type { Session } from './session.ts';
import type { ServeOptions } from './world.ts';

export async function serveUntilEnd(options: ServeOptions, session: Session): Promise<Status> {
  const inventory = await session.inventory();
  const asked = session.signal.aborted || (await session.serve(options, session.config, inventory, session.reread));
  return asked ? STATUS.nothing : STATUS.unchecked;
}
