/** `tcp-oncall hosts`: the inventory as a table. */
import type { Host } from '#domain/host.ts';
import { neutralise } from '#render/neutral.ts';
import { tableLines } from '#render/table.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import { warnOfUnread } from './unread-variables.ts';

export async function list({ session }: Call): Promise<Status> {
  const inventory = await session.inventory();
  await warnOfUnread(session);
  const { hosts } = await session.words();
  const rows = await Promise.all(
    inventory.listHosts().map(async ({ name, groups }) => {
      const found = await inventory.findHost(name);
      if (found.kind === 'host') return [name, login(found.host), via(found.host), groups.join(' ')];
      return [name, found.kind === 'invalid' ? found.message : '', '', groups.join(' ')];
    }),
  );
  const { width } = screenOf(session.stdout, session.env);
  const { host, login: account, via: way, groups } = hosts.head;
  const table = tableLines(
    [[host, account, way, groups], ...rows].map((row) => row.map(neutralise)),
    width,
  );
  session.stdout.write(`${rows.length === 0 ? hosts.none : table.join('\n')}\n`);
  return STATUS.nothing;
}

function login({ user, address, port }: Host): string {
  return `${user}@${address}${port === 22 ? '' : `:${port}`}`;
}

function via({ jump }: Host): string {
  return jump.map(({ name }) => name).join(' ');
}
