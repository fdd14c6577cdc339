/** Fills a host's own connection table; the limit is one number for the whole machine and is left alone. */
import type { ActorReport } from './actor.ts';
import { must, run } from './command.ts';
import { LabError } from './lab-error.ts';
import { insideNetns } from './network.ts';
import type { HostState } from './state.ts';

/** Above this many entries (about 400 bytes each) a fault would be a risk to the machine it runs on. */
const LARGEST_TABLE = 1_048_576;

/** Only ESTABLISHED, ASSURED entries stay: the kernel evicts all others when the table is full. */
export async function fillConntrack({ netns }: HostState): Promise<ActorReport> {
  const max = await conntrackNumber(netns, 'max');
  if (max > LARGEST_TABLE)
    throw new LabError(`This machine's nf_conntrack_max is ${max}: too many entries to fill for a test.`);
  const count = await conntrackNumber(netns, 'count');
  const entries = Array.from({ length: max - count }, (_, i) => entry(i)).join('');
  // Entries that do not fit are what is wanted, so the exit status says nothing; the count does.
  // `cat`, because conntrack opens /dev/stdin, and what a parent hands over is a socket, which cannot be opened.
  await run(insideNetns(netns, ['sh', '-c', 'cat | conntrack -R -']), { input: entries, timeoutMs: 60_000 });
  const filled = await conntrackNumber(netns, 'count');
  if (filled < max * 0.99) throw new LabError(`Only ${filled} of ${max} connection tracking entries could be made.`);
  return { max, filled };
}

async function conntrackNumber(netns: string, name: 'max' | 'count'): Promise<number> {
  return Number(await must(insideNetns(netns, ['sysctl', '-n', `net.netfilter.nf_conntrack_${name}`])));
}

function entry(i: number): string {
  const source = `10.80.${(i >> 14) & 255}.1`;
  const port = 1024 + (i & 16_383);
  return `-I -p tcp -s ${source} -d 10.79.0.9 --sport ${port} --dport 80 -r 10.79.0.9 -q ${source} --reply-port-src 80 --reply-port-dst ${port} --state ESTABLISHED -u ASSURED,SEEN_REPLY -t 600\n`;
}
