/** CPU of a whole collection on a host with very many sockets, against bare ss and what articles recommend. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SOURCES } from '#evidence/sources.ts';
import { buildCollector } from '#host/collector.ts';
import { type Figure, median } from './figure.ts';

const execute = promisify(execFile);
const ROUNDS = 3;
const INTERVAL = 5;

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export async function hostCost(): Promise<readonly Figure[]> {
  const script = buildCollector({
    sources: SOURCES,
    intervalSeconds: INTERVAL,
    boundary: 'tcp-oncall-0123456789abcdef',
  });
  const timeWait = await measure('time-wait', 250_000, script);
  const owned = await measure('established', 240_000, script);
  const kilobytes = (script.length + timeWait.bytes) / 1024;
  return [
    {
      what: `CPU of a collection, ${timeWait.sockets} sockets in TIME_WAIT, to \`ss -tano\``,
      ratio: timeWait.cpu('collector') / timeWait.cpu('ss'),
      limit: 1.3,
      made: `${seconds(timeWait.cpu('collector'))} : ${seconds(timeWait.cpu('ss'))}`,
    },
    {
      what: 'the same, to `netstat -anpto \\| grep` and `netstat -nt \\| awk \\| sort \\| uniq -c` together',
      ratio: timeWait.cpu('collector') / (timeWait.cpu('article-timers') + timeWait.cpu('article-states')),
      limit: 0.35,
      made: `${seconds(timeWait.cpu('collector'))} : ${seconds(timeWait.cpu('article-timers'))} + ${seconds(timeWait.cpu('article-states'))}`,
    },
    {
      what: `CPU of a collection, ${owned.sockets} sockets owned by processes, to \`ss -tano\``,
      ratio: owned.cpu('collector') / owned.cpu('ss'),
      limit: 1.3,
      made: `${seconds(owned.cpu('collector'))} : ${seconds(owned.cpu('ss'))}`,
    },
    {
      what: 'bytes over the wire in both directions, to 64 KB',
      ratio: kilobytes / 64,
      limit: 1,
      made: `script ${(script.length / 1024).toFixed(1)} KiB, answer ${(timeWait.bytes / 1024).toFixed(1)} KiB`,
    },
  ];
}

async function measure(kind: 'time-wait' | 'established', count: number, script: string) {
  const directory = await mkdtemp(join(tmpdir(), 'tcp-oncall-bench-'));
  try {
    const collector = join(directory, 'collector.sh');
    await writeFile(collector, script);
    const argv = ['--net', fileOf('host-cost.sh'), kind, String(count), String(ROUNDS), collector, fileOf('load.pl')];
    const { stdout } = await execute('unshare', argv, { timeout: 280_000 });
    return readRun(stdout);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function readRun(text: string) {
  const lines = text.split('\n').map((line) => line.split(' '));
  const of = (name: string) => lines.filter(([first]) => first === name).map(([, ...rest]) => rest.map(Number));
  const [timeWait = 0, inUse = 0] = of('sockets').at(-1) ?? [];
  return {
    /** At the end of the run: TIME_WAIT sockets go after 60 s. */
    sockets: (timeWait + inUse).toLocaleString('en-US'),
    bytes: of('bytes')[0]?.[0] ?? Number.NaN,
    cpu: (reader: string) => median(of(reader).map(([user = 0, system = 0]) => user + system)),
  };
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
