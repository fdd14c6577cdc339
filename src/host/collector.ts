/** Builds the one script that a check sends to a host: the frame, and what each source is asked. Pure. */
import type { Source } from '#domain/evidence.ts';
import { sentText } from '#evidence/fragment.ts';

// Read once, not at each check.
const FRAME = sentText('src/host/collector.sh');
const COMMON = sentText('src/host/collector-common.sh');
const READER = sentText('src/host/collector.awk');

export interface CollectorOptions {
  readonly sources: readonly Source<unknown>[];
  /** Whole seconds between the two samples. */
  readonly intervalSeconds: number;
  /** Whole seconds that a source's script may take before the host ends it. */
  readonly limitSeconds: number;
  /** Random text of letters, digits and dashes that frames the sections. */
  readonly boundary: string;
}

interface Parts {
  readonly looks: string;
  readonly rest: string;
}

/** A POSIX sh script to be fed to `sh -s`; nothing in it comes from a person. What differs between checks is its first line. */
export function buildCollector({ sources, intervalSeconds, limitSeconds, boundary }: CollectorOptions): string {
  const { looks, rest } = partsOf(sources);
  const settings = `INTERVAL=${intervalSeconds} SAMPLE=1 SECONDS_EACH=${limitSeconds} LOOKS='${looks}'`;
  return `BOUNDARY=${boundary} ${settings}\n${rest}`;
}

const built = new WeakMap<CollectorOptions['sources'], Parts>();

function partsOf(sources: CollectorOptions['sources']): Parts {
  const parts = built.get(sources) ?? buildParts(sources);
  built.set(sources, parts);
  return parts;
}

function buildParts(sources: CollectorOptions['sources']): Parts {
  const files = sources.filter((source) => 'files' in source);
  const scripts = sources.filter((source) => 'script' in source);
  const probes = [...new Set(sources.flatMap((source) => ('probe' in source ? [source.probe] : [])))];
  const ask = probes.map((_, number) => `probe_${number} 2>/dev/null`);
  const rest = [
    `COMMON=${quote(COMMON)}`,
    'eval "$COMMON"',
    FRAME,
    `READER=${quote(READER)}`,
    `FIRST=${quote(entries(files.filter(({ cadence }) => cadence === 'first')))}`,
    `EACH=${quote(entries(files.filter(({ cadence }) => cadence === 'each')))}`,
    ...probes.map(({ script }, number) => `probe_${number}() {\n${script}\n}`),
    // A function reads to its end before it runs, and takes nothing from the stdin the script itself came on.
    'collect() {',
    'files "$EACH$FIRST"',
    ...ask,
    'sample_done',
    'SAMPLE=2',
    ...group(scripts),
    ...ask,
    'files "$EACH"',
    'sample_done',
    '}',
    'collect </dev/null',
    '',
  ].join('\n');
  return { looks: files.flatMap(looks).join(' '), rest };
}

type Of<Kind extends string> = Extract<Source<unknown>, Readonly<Record<Kind, unknown>>>;

/** A line for each entry, as collector.sh and collector.awk read it. */
function entries(sources: readonly Of<'files'>[]): string {
  const lines = sources.flatMap(({ name, files }) =>
    files.map(({ under = '', paths, label = '', keep = '', how = '' }) =>
      [name, under, paths.join(' '), label, keep, how].join('~'),
    ),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function looks({ files }: Of<'files'>): readonly string[] {
  return files.flatMap(({ how, paths }) => (how === 'look' ? paths.filter((path) => path.startsWith('/')) : []));
}

function group(sources: readonly Of<'script'>[]): readonly string[] {
  if (sources.length === 0) return [];
  const fragments = sources.map(({ name, script }) => `${name})\n${script}\n;;\n`).join('');
  return [`group ${quote(`ask() {\ncase $1 in\n${fragments}esac\n}\n`)} ${sources.map(({ name }) => name).join(' ')}`];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
