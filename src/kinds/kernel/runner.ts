/** What a build host is told: one line that keeps and runs the program of a job (boot.sh), and that program on its stdin. */
import { readdirSync, readFileSync } from 'node:fs';
import type { CommandInput } from '#domain/command.ts';
import { installed } from '#installed.ts';

const FOLDER = 'src/kinds/kernel/';
const BOOT = read('boot.sh');
const RUNNER = read('runner.sh');

/** The last line is how boot.sh knows that the whole program has arrived. */
const LAST_LINE = 'main "$@"\n';

/** `recipes`: POSIX sh, a text for each file. */
export function runnerProgram(recipes: readonly string[]): string {
  return [RUNNER, ...recipes, LAST_LINE].join('\n');
}

const PROGRAM = runnerProgram(
  readdirSync(installed(`${FOLDER}recipes`))
    .filter((name) => name.endsWith('.sh'))
    .sort()
    .map((name) => read(`recipes/${name}`)),
);

/** What is built. The host refuses what is not of the shape that `valid` of runner.sh has. */
export interface BuildOrder {
  readonly recipe: string;
  /** Of TIME_WAIT: 5 to 60. */
  readonly seconds: number;
  /** `uname -r` of the target. */
  readonly release: string;
  readonly arch: 'x86_64' | 'aarch64';
  readonly source: { readonly package: string; readonly version: string; readonly url: string | null };
  readonly config: 'running' | 'modules';
  /** SHA-256 of the job's `in/config`. */
  readonly configSha: string | null;
  readonly modules: readonly string[];
  /** For `make -j`; as many as the host has processors otherwise. */
  readonly jobs?: number;
  /** MiB for all processes of the job together; nine tenths of the host's memory otherwise. */
  readonly memoryMib?: number;
  /** Of building, waiting for another build not included; eight hours otherwise. */
  readonly limitSeconds?: number;
}

export type RunnerVerb =
  | { readonly verb: 'build'; readonly order: BuildOrder }
  /** Events after `line`. */
  | { readonly verb: 'look'; readonly line: number }
  /** What has not begun never will. */
  | { readonly verb: 'cancel' }
  /** At most 64 KiB from this byte on. */
  | { readonly verb: 'log'; readonly offset: number };

/** `word`: random letters and digits that begin every line of the answer. */
export function runnerInput(word: string, id: string, ask: RunnerVerb, program = PROGRAM): CommandInput {
  const hasProgram = ask.verb === 'build' || ask.verb === 'cancel';
  return {
    kind: 'argv',
    argv: ['sh', '-c', BOOT, 'kernel', word, ask.verb, id, ...parameters(ask)],
    stdin: hasProgram ? program : '',
  };
}

function parameters(ask: RunnerVerb): readonly string[] {
  switch (ask.verb) {
    case 'build':
      return orderWords(ask.order);
    case 'look':
      return [`line=${ask.line}`];
    case 'cancel':
      return [];
    case 'log':
      return [`offset=${ask.offset}`];
  }
}

function orderWords({ source, ...order }: BuildOrder): readonly string[] {
  const words = {
    recipe: order.recipe,
    seconds: order.seconds,
    release: order.release,
    arch: order.arch,
    package: source.package,
    version: source.version,
    url: source.url ?? '-',
    config: order.config,
    configsha: order.configSha ?? '-',
    modules: order.modules.join(',') || '-',
    jobs: order.jobs,
    memory: order.memoryMib,
    limit: order.limitSeconds,
  };
  return Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

function read(name: string): string {
  return readFileSync(installed(`${FOLDER}${name}`), 'utf8');
}
