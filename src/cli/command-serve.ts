/** `tcp-oncall serve`: the bot, until Ctrl-C or SIGTERM. */
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import type { ServeOptions } from './world.ts';

export async function serveUntilEnd({ options, session }: Call<ServeOptions>): Promise<Status> {
  const inventory = await session.inventory();
  const asked = session.signal.aborted || (await session.serve(options, session.config, inventory, session.reread));
  return asked ? STATUS.nothing : STATUS.unchecked;
}
