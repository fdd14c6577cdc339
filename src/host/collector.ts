/** Builds the one script that a check sends to a host: the frame, and what each source is asked. Pure. */
import { readFileSync } from 'node:fs';
import type { Source } from '#domain/evidence.ts';
import { installed } from '#installed.ts';

// Read once, not at each check.
const FRAME = ours('collector.sh');
const COMMON = ours('collector-common.sh');
const READER = ours('collector.awk');

export interface CollectorOptions {
  readonly sources: readonly Source<unknown>[];
  /** Whole seconds between the two samples. */
  readonly intervalSeconds: number;
  /** Whole seconds that a source's script may take before the host ends it. */
  readonly limitSeconds: number;
  /** Random text of letters, digits and dashes that frames the sections. */
  readonly boundary: string;
}

/** A POSIX sh script to be fed to `sh -s`; nothing in it comes from a person. */
export function buildCollector({ sources, intervalSeconds, limitSeconds, boundary }: CollectorOptions): string {
  const files = sources.filter((source) => 'files' in source);
  const scripts = sources.filter((source) => 'script' in source);
  const probes = [...new Set(sources.flatMap((source) => ('probe' in source ? [source.probe] : [])))];
  const ask = probes.map((_, number) => `probe_${number} 2>/dev/null`);
  return [
    `BOUNDARY=${boundary} INTERVAL=${intervalSeconds} SAMPLE=1 SECONDS_EACH=${limitSeconds} LOOKS='${files.flatMap(looks).join(' ')}'`,
    `COMMON=${quote(COMMON)}`,
    'eval "$COMMON"',
    FRAME,
    `READER=${quote(READER)}`,
    `FIRST=${quote(
      files
        .filter(({ cadence }) => cadence === 'first')
        .map(entries)
        .join(''),
    )}`,
    `EACH=${quote(
      files
        .filter(({ cadence }) => cadence === 'each')
        .map(entries)
        .join(''),
    )}`,
    ...probes.map(({ script }, number) => `probe_${number}() {\n${withoutComments(script)}}`),
    // A function reads to its end before it runs, and takes nothing from the stdin the script itself came on.
    'collect() {',
    'files "$EACH$FIRST"',
    ...ask,
    ...group(scripts.filter(({ cadence }) => cadence === 'first')),
    'sample_done',
    'SAMPLE=2',
    ...group(scripts.filter(({ cadence }) => cadence === 'between')),
    ...ask,
    'files "$EACH"',
    'sample_done',
    '}',
    'exec 4>&1',
    'collect </dev/null',
    '',
  ].join('\n');
}

type Of<Kind extends string> = Extract<Source<unknown>, Readonly<Record<Kind, unknown>>>;

/** A line for each entry, as collector.sh and collector.awk read it. */
function entries({ name, files }: Of<'files'>): string {
  return files
    .map(
      ({ under = '', paths, label = '', keep = '', how = '' }) =>
        `${[name, under, paths.join(' '), label, keep, how].join('~')}\n`,
    )
    .join('');
}

function looks({ files }: Of<'files'>): readonly string[] {
  return files.flatMap(({ how, paths }) => (how === 'look' ? paths.filter((path) => path.startsWith('/')) : []));
}

function group(sources: readonly Of<'script'>[]): readonly string[] {
  if (sources.length === 0) return [];
  const fragments = sources.map(({ name, script }) => `${name})\n${withoutComments(script)};;\n`).join('');
  return [`group ${quote(`ask() {\ncase $1 in\n${fragments}esac\n}\n`)} ${sources.map(({ name }) => name).join(' ')}`];
}

function ours(name: string): string {
  return withoutComments(readFileSync(installed(`src/host/${name}`), 'utf8'));
}

/** Whole-line comments and indentation are for us, and cost bytes on the wire. */
function withoutComments(script: string): string {
  return script.replaceAll(/^[ \t]*(?:#.*)?\n/gm, '').replaceAll(/^[ \t]+/gm, '');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
