/** What a whole collection costs the host, against bare ss and what articles recommend: CPU, processes, bytes, the first sample. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SOURCES } from '#evidence/sources.ts';
import { buildCollector } from '#host/collector.ts';
import { remoteCommand } from '#ssh/remote-command.ts';
import { type Figure, median } from './figure.ts';

const execute = promisify(execFile);
const INTERVAL = 5;
/** Seconds of CPU that a process costs on the dearest machine measured. It is added for each process that either side starts. */
const DEAR = 0.006;

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const SCRIPT = buildCollector({
  sources: SOURCES,
  intervalSeconds: INTERVAL,
  limitSeconds: 10,
  boundary: 'tcp-oncall-0123456789abcdef',
});
/** What sshd is given for it. */
const { line: LINE, stdin: PACKED = '' } = remoteCommand({ kind: 'script', script: SCRIPT, packed: true }, 'mark');

/** What reads the socket table, by what the host does not have; the aims are those of the ratio to ss, and with dear processes. */
const READERS = [
  { reader: 'perl', hidden: [], aim: 1, dearAim: 1.2 },
  { reader: 'python3', hidden: ['perl'], aim: 1, dearAim: 1.2 },
  { reader: 'awk', hidden: ['perl', 'python3'], aim: 1.7, dearAim: 2 },
] as const;

const KINDS = { 'time-wait': 'in TIME_WAIT', established: 'owned by processes' } as const;

/** TIME_WAIT lasts a minute: where it takes most of one to make the sockets, there is time for few rounds. */
export const hostCostOf = (size: number, rounds: number) => async (): Promise<readonly Figure[]> => {
  const figures: Figure[] = [];
  for (const kind of ['time-wait', 'established'] as const) {
    for (const { reader, hidden, aim, dearAim } of READERS) {
      const run = await measure(kind, size, rounds, hidden);
      const what = `${run.sockets} sockets ${KINDS[kind]}, read by ${reader}`;
      figures.push(toSs(`CPU of a collection, ${what}, to \`ss -tano\``, run, aim, 0));
      figures.push(toSs('the same where a process costs 6 ms of CPU', run, dearAim, DEAR));
      if (kind === 'time-wait' && reader === 'perl') figures.push(toArticles(run));
      if (reader === 'perl') figures.push(bytes(`${run.sockets} sockets ${KINDS[kind]}`, run));
    }
  }
  return figures;
};

/** A host where nothing goes on. */
export async function hostCostIdle(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { reader, hidden } of READERS) {
    const run = await measure('idle', 0, 5, hidden);
    const cpu = run.cpu('collector');
    const first = run.firstSample;
    figures.push({
      what: `processes of a collection, table read by ${reader}, to 25`,
      ratio: run.forks / 25,
      limit: 1,
      made: `${run.forks}`,
    });
    if (reader === 'awk') continue;
    figures.push(
      { what: `CPU on an idle host, ${reader}, to 35 ms`, ratio: cpu / 0.035, limit: 1, made: milliseconds(cpu) },
      {
        what: `start to first sample on an idle host, ${reader}, to 20 ms`,
        ratio: first / 0.02,
        limit: 1,
        made: milliseconds(first),
      },
    );
  }
  return figures;
}

function toSs(what: string, run: Run, limit: number, perProcess: number): Figure {
  const [collector, ss] = [run.cpu('collector') + run.forks * perProcess, run.cpu('ss') + perProcess];
  return { what, ratio: collector / ss, limit, made: `${seconds(collector)} : ${seconds(ss)}` };
}

function toArticles(run: Run): Figure {
  const [collector, timers, states] = [run.cpu('collector'), run.cpu('article-timers'), run.cpu('article-states')];
  return {
    what: 'the same, to `netstat -anpto \\| grep` and `netstat -nt \\| awk \\| sort \\| uniq -c` together',
    ratio: collector / (timers + states),
    limit: 0.35,
    made: `${seconds(collector)} : ${seconds(timers)} + ${seconds(states)}`,
  };
}

function bytes(what: string, run: Run): Figure {
  const [script, answer] = [PACKED.length / 1024, run.bytes / 1024];
  return {
    what: `bytes over the wire in both directions, ${what}, to 48 KB`,
    ratio: (script + answer) / 48,
    limit: 1,
    made: `script, packed, ${script.toFixed(1)} KiB, answer ${answer.toFixed(1)} KiB`,
  };
}

type Run = ReturnType<typeof readRun>;

async function measure(
  kind: 'idle' | 'time-wait' | 'established',
  count: number,
  rounds: number,
  hidden: readonly string[],
): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'tcp-oncall-bench-'));
  try {
    const collector = join(directory, 'collector.sh.gz');
    await writeFile(collector, PACKED);
    const namespaces = ['--net', '--pid', '--fork', '--mount', '--mount-proc'];
    const argv = [
      fileOf('host-cost.sh'),
      kind,
      String(count),
      String(rounds),
      collector,
      LINE,
      fileOf('load.pl'),
      ...hidden,
    ];
    const { stdout } = await execute('unshare', [...namespaces, ...argv], { timeout: 290_000 });
    return readRun(stdout);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function readRun(text: string) {
  const lines = text.split('\n').map((line) => line.split(' '));
  const of = (name: string) => lines.filter(([first]) => first === name).map(([, ...rest]) => rest.map(Number));
  const one = (name: string) => of(name)[0]?.[0] ?? Number.NaN;
  const [timeWait = 0, inUse = 0] = of('sockets').at(-1) ?? [];
  return {
    /** At the end of the run: TIME_WAIT sockets go after 60 s. */
    sockets: (timeWait + inUse).toLocaleString('en-US'),
    bytes: one('bytes'),
    forks: one('forks'),
    get firstSample() {
      return median(of('first').map(([value = Number.NaN]) => value));
    },
    cpu: (reader: string) => median(of(reader).map(([user = 0, system = 0]) => user + system)),
  };
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function milliseconds(value: number): string {
  return `${(1000 * value).toFixed(0)} ms`;
}
