/** Builds the one script that a check sends to a host: the frame and every source's fragment. Pure. */
import { readFileSync } from 'node:fs';
import type { Cadence, Source } from '#domain/evidence.ts';
import { installed } from '#installed.ts';

// Read once, not at each check.
const FRAME = withoutComments(readFileSync(installed('src/host/collector.sh'), 'utf8'));

export interface CollectorOptions {
  readonly sources: readonly Source<unknown>[];
  /** Whole seconds between the two samples. */
  readonly intervalSeconds: number;
  /** Random text of letters, digits and dashes that frames the sections. */
  readonly boundary: string;
}

/** A POSIX sh script to be fed to `sh -s`; nothing in it comes from a person. */
export function buildCollector({ sources, intervalSeconds, boundary }: CollectorOptions): string {
  const fragments = sources.map(({ script }, number) => `fragment_${number}=${quote(withoutComments(script))}`);
  const ask = (...cadences: readonly Cadence[]) =>
    [...sources.entries()]
      .filter(([, { cadence }]) => cadences.includes(cadence))
      .map(([number, { name, limit, cadence }]) => {
        const seconds = cadence === 'through' ? limit + intervalSeconds : limit;
        return `section ${name} ${seconds} "$fragment_${number}"`;
      });
  return [
    `BOUNDARY=${boundary} INTERVAL=${intervalSeconds} SAMPLE=1`,
    'export INTERVAL SAMPLE',
    FRAME,
    ...fragments,
    // A function reads to its end before it runs, and takes nothing from the stdin the script itself came on.
    'collect() {',
    ...ask('each', 'first'),
    'sample_done',
    'SAMPLE=2',
    ...ask('between'),
    ...ask('through'),
    ...ask('each'),
    'sample_done',
    '}',
    'collect </dev/null',
    '',
  ].join('\n');
}

/** Whole-line comments and indentation are for us, and cost bytes on the wire. */
function withoutComments(script: string): string {
  return script.replaceAll(/^[ \t]*(?:#.*)?\n/gm, '').replaceAll(/^[ \t]+/gm, '');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
