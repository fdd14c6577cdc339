/** `tcp-oncall serve`: the bot, until Ctrl-C or SIGTERM. */
import { STATUS, type Status } from './failure.ts';
import type { Settings } from './settings.ts';
import type { ServeOptions, World } from './world.ts';

export async function serveUntilEnd(options: ServeOptions, settings: Settings, world: World): Promise<Status> {
  const inventory = await settings.inventory();
  const asked = world.signal.aborted || (await world.serve(options, settings.config, inventory, settings.reread));
  return asked ? STATUS.nothing : STATUS.unchecked;
}
