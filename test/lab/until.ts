/** Waits for what a host itself shows: sockets, a queue, a counter. A fault is there when its host says so, not when time has passed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from './command.ts';
import { readCounter } from './counter.ts';
import { LabError } from './lab-error.ts';
import { insideNetns } from './network.ts';
import type { HostState } from './state.ts';

/** What must be seen, `atLeast` so often. */
export type Sight =
  /** Sockets that `ss` selects by this filter; `like` = only lines it matches, as `ss -Htnoe` prints them. */
  | { readonly see: 'sockets'; readonly filter: string; readonly like?: RegExp; readonly atLeast: number }
  /** Connections that wait for accept() on this port. */
  | { readonly see: 'queue'; readonly port: number; readonly atLeast: number }
  /** How far the counter has grown since the wait began: `TcpExt.ListenOverflows`. */
  | { readonly see: 'counter'; readonly name: string; readonly atLeast: number }
  /** Connection tracking has forgotten every connection to this port. */
  | { readonly see: 'untracked'; readonly port: number };

const LOOK_EVERY_MS = 50;
const WITHIN_MS = 60_000;

/** Rejects with a LabError that says how far it came. */
export async function untilSeen(host: HostState, sight: Sight): Promise<void> {
  const first = await measure(host, sight);
  const wanted = sight.see === 'untracked' ? 0 : sight.see === 'counter' ? first + sight.atLeast : sight.atLeast;
  const isThere = (seen: number) => (sight.see === 'untracked' ? seen === 0 : seen >= wanted);
  const deadline = Date.now() + WITHIN_MS;
  for (let seen = first; !isThere(seen); seen = await measure(host, sight)) {
    if (Date.now() > deadline)
      throw new LabError(`${host.name}: ${JSON.stringify(sight)} not seen in ${WITHIN_MS / 1000} s: ${seen}.`);
    await sleep(LOOK_EVERY_MS);
  }
}

async function measure(host: HostState, sight: Sight): Promise<number> {
  const inside = (...argv: readonly string[]) => must(insideNetns(host.netns, argv));
  switch (sight.see) {
    case 'sockets': {
      const lines = (await inside('ss', '-Htnoe', ...sight.filter.split(' '))).split('\n');
      return lines.filter((line) => line !== '' && (sight.like?.test(line) ?? true)).length;
    }
    case 'queue': {
      const queue = await inside('ss', '-Hltn', 'sport', '=', `:${sight.port}`);
      return Number(queue.trim().split(/\s+/)[1] ?? 0);
    }
    case 'counter':
      return readCounter(host, sight.name);
    case 'untracked': {
      const list = await inside('conntrack', '-L', '-p', 'tcp', '--orig-port-dst', String(sight.port));
      return list.split('\n').filter((line) => line !== '').length;
    }
  }
}
