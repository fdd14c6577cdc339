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

/** The fixed part of a collection weighs less the larger the table: one size alone would not show it. */
const SIZES = [250_000, 400_000] as const;

export async function hostCost(): Promise<readonly Figure[]> {
  const script = buildCollector({
    sources: SOURCES,
    intervalSeconds: INTERVAL,
    limitSeconds: 10,
    boundary: 'tcp-oncall-0123456789abcdef',
  });
  const figures: Figure[] = [];
  for (const size of SIZES) figures.push(...timeWaitFigures(await measure('time-wait', size, script), script));
  for (const size of SIZES) figures.push(ownedFigure(await measure('established', size, script)));
  return figures;
}

function timeWaitFigures(run: Run, script: string): readonly Figure[] {
  const [collector, ss] = [run.cpu('collector'), run.cpu('ss')];
  const [timers, states] = [run.cpu('article-timers'), run.cpu('article-states')];
  const kibibytes = [script.length / 1024, run.bytes / 1024] as const;
  return [
    {
      what: `CPU of a collection, ${run.sockets} sockets in TIME_WAIT, to \`ss -tano\``,
      ratio: collector / ss,
      limit: 1.3,
      made: `${seconds(collector)} : ${seconds(ss)}`,
    },
    {
      what: 'the same, to `netstat -anpto \\| grep` and `netstat -nt \\| awk \\| sort \\| uniq -c` together',
      ratio: collector / (timers + states),
      limit: 0.35,
      made: `${seconds(collector)} : ${seconds(timers)} + ${seconds(states)}`,
    },
    {
      what: 'bytes over the wire in both directions, to 64 KB',
      ratio: (kibibytes[0] + kibibytes[1]) / 64,
      limit: 1,
      made: `script ${kibibytes[0].toFixed(1)} KiB, answer ${kibibytes[1].toFixed(1)} KiB`,
    },
  ];
}

function ownedFigure(run: Run): Figure {
  return {
    what: `CPU of a collection, ${run.sockets} sockets owned by processes, to \`ss -tano\``,
    ratio: run.cpu('collector') / run.cpu('ss'),
    limit: 1.3,
    made: `${seconds(run.cpu('collector'))} : ${seconds(run.cpu('ss'))}`,
  };
}

type Run = ReturnType<typeof readRun>;

async function measure(kind: 'time-wait' | 'established', count: number, script: string): Promise<Run> {
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
