/** What a test sees of a host besides the product: kernel counters, socket timers, values in force, what a client counted. */
import { readCounter } from './counter.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';

/** Where a client that is to count keeps its count: the argument `tally` of the actor `connect`. */
export const TALLY = '/tmp/tally';

/** What a client itself has met so far, by error code; `lastFailed` in ms since 1970. */
export interface Tally {
  readonly connected: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly lastFailed: Readonly<Record<string, number>>;
}

export async function tally(lab: Lab, host: string): Promise<Tally> {
  return JSON.parse(await read(lab, host, TALLY)) as Tally;
}

/** Such as `TcpExt.TWRecycled`. */
export function counter(lab: Lab, host: string, name: string): Promise<number> {
  return readCounter(lab.host(host), name);
}

/** As /proc/sys shows it, one blank between numbers. */
export async function live(lab: Lab, host: string, key: string): Promise<string> {
  return (await read(lab, host, `/proc/sys/${key.replaceAll('.', '/')}`)).trim().replaceAll(/\s+/g, ' ');
}

export interface Timer {
  /** As /proc/net/tcp numbers them: 5 FIN_WAIT_2, 6 TIME_WAIT, 1 ESTABLISHED. */
  readonly state: number;
  readonly seconds: number;
}

/** Of IPv4 sockets towards a port; 0 s where no timer runs. `tm->when` is in hundredths of a second. */
export async function timers(lab: Lab, host: string, port: number): Promise<readonly Timer[]> {
  const table = await read(lab, host, '/proc/net/tcp');
  const line = /^ *\d+: [0-9A-F]{8}:[0-9A-F]{4} [0-9A-F]{8}:([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \d\d:([0-9A-F]{8})/gm;
  return [...table.matchAll(line)]
    .filter(([, to = '']) => Number.parseInt(to, 16) === port)
    .map(([, , state = '', when = '']) => ({
      state: Number.parseInt(state, 16),
      seconds: Number.parseInt(when, 16) / 100,
    }));
}

/** Send-Q of a listening socket: how long its accept queue may get. */
export async function queueOf(lab: Lab, host: string, port: number): Promise<number> {
  const { stdout } = await lab.exec(host, ['ss', '-ltnH', `sport = :${port}`]);
  return Number(stdout.trim().split(/\s+/)[2]);
}

async function read(lab: Lab, host: string, file: string): Promise<string> {
  const { status, stdout, stderr } = await lab.exec(host, ['cat', file]);
  if (status !== 0) throw new LabError(`${host}: ${stderr.trim()}`);
  return stdout;
}
