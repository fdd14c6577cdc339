/** Runs the collector on a lab host as sshd would, with the programs, the shell, the account and the files that a test wants the host to have. */
import { randomUUID } from 'node:crypto';
import type { Reading } from '#domain/reading.ts';
import { parseSample, SOURCES } from '#evidence/sources.ts';
import { buildCollector } from '#host/collector.ts';
import { readCollector } from '#host/collector-stream.ts';
import { type Outcome, run } from '#lab/command.ts';
import { HOST_ENVIRONMENT } from '#lab/enter.ts';
import type { Lab } from '#lab/lab.ts';

const IDS = { root: 0, ops: 2001, guest: 2003 } as const;

export interface Setting {
  /** Programs that are not there. */
  readonly without?: readonly string[];
  /** The only programs that are. */
  readonly only?: readonly string[];
  readonly shell?: 'dash' | 'bash' | 'busybox';
  readonly awk?: 'mawk' | 'gawk' | 'busybox';
  readonly user?: keyof typeof IDS;
  /** Programs that are not what they are called: lines of sh by name. */
  readonly instead?: Readonly<Record<string, string>>;
  /** sh, run as root in a mount namespace of its own before the collector. */
  readonly prepare?: string;
  /** Seconds that a script of the collector's may take. */
  readonly limit?: number;
}

export type Readings = Readonly<Record<string, Reading<unknown>>>;

export interface Collected extends Outcome {
  /** What was sent and what came back. */
  readonly bytes: number;
  /** How many samples were complete. */
  readonly complete: number;
  readonly samples: readonly Readings[];
}

/** By its boundary a collection knows what it has started. */
export function collectorScript(limitSeconds = 10, boundary = `tcp-oncall-${randomUUID()}`): string {
  return buildCollector({ sources: SOURCES, intervalSeconds: 1, limitSeconds, boundary });
}

export async function collect(lab: Lab, host: string, setting: Setting = {}): Promise<Collected> {
  const boundary = `tcp-oncall-${randomUUID()}`;
  const input = collectorScript(setting.limit, boundary);
  const outcome = await run(collectorArgv(lab, host, setting), { input, env: HOST_ENVIRONMENT, timeoutMs: 60_000 });
  let complete = 0;
  const stream = readCollector({ boundary, sources: SOURCES.map(({ name }) => name) }, ({ kind }) => {
    if (kind === 'sample') complete += 1;
  });
  stream.push(outcome.stdout);
  const samples = stream.end().map((sample) => inOrder(parseSample(sample).readings));
  const bytes = Buffer.byteLength(input) + Buffer.byteLength(outcome.stdout);
  return { ...outcome, bytes, complete, samples };
}

/** argv that reads the collector on its stdin. */
export function collectorArgv(lab: Lab, host: string, setting: Setting = {}): readonly string[] {
  const { user = 'root', prepare = ':' } = setting;
  const id = IDS[user];
  // No root of a lab host reads the kernel's log: the machine's own is not its.
  const drop = id === 0 ? '--bounding-set=-syslog' : `--reuid=${id} --regid=${id} --clear-groups --inh-caps=-all`;
  const script = `${programs(setting)}\n${prepare}\nexec setpriv ${drop} env -i HOME=/ USER=${user} PATH=/opt/programs /opt/programs/sh -s`;
  return [
    'nsenter',
    '-t',
    String(lab.host(host).pid1),
    '-a',
    'unshare',
    '-m',
    '--propagation=private',
    'sh',
    '-euc',
    script,
  ];
}

/** sh that makes /opt/programs, with what the host shall have. Whatever else of the system the collector may look at is there. */
function programs({ shell = 'dash', awk = 'mawk', without = [], only, instead = {} }: Setting): string {
  const all = only?.map((name) => `/usr/bin/${name}`).join(' ') ?? '/usr/bin/*';
  const nothingElse = shell === 'busybox' && only?.length === 0;
  return `
mkdir -p /opt/programs && mount -t tmpfs tmpfs /opt/programs && cd /opt/programs
${nothingElse ? 'busybox --install -s .' : `ln -s ${all} .`}
rm -f awk ${awk === 'mawk' ? '' : 'mawk gawk'} ${without.join(' ')}
ln -sf /usr/bin/${awk} awk
ln -sf /usr/bin/${shell} sh
${Object.entries(instead)
  .map(([name, line]) => `rm -f ${name}; cat >${name} <<'PROGRAM'\n#!/bin/sh\n${line}\nPROGRAM\nchmod 755 ${name}`)
  .join('\n')}
cd /`;
}

/** Lists whose order says nothing: an awk walks its arrays in an order of its own. */
const UNORDERED: ReadonlySet<string> = new Set([
  'listeners',
  'queues',
  'inbound',
  'outbound',
  'sources',
  'closeWait',
  'destinations',
  'messages',
  'processes',
  'ports',
  'otherNamespaces',
]);

export function inOrder<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    UNORDERED.has(key) && Array.isArray(item)
      ? item.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : item,
  ) as T;
}
