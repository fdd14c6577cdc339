/** Programs that root runs for the account, one a kind: POSIX sh, put together from their own text and the parts that they share. */
import { readFileSync } from 'node:fs';
import { MOST_SIGNATURES } from '#domain/helper-state.ts';
import { installed } from '#installed.ts';

/** A line that stands for a part, such as `# @lock.sh`. */
const PART = /^# @([a-z-]+\.(?:sh|awk))\n/gm;
/** The first line of a part is for shellcheck alone. */
const DIRECTIVE = /^# .*root-program\.ts puts the parts of a program together\n/gm;

/** `path`: of its own text. `kind`: whose orders it takes. */
export function rootProgram(path: string, kind: string): string {
  const part = (name: string) => readFileSync(installed(`src/kinds/root-program/${name}`), 'utf8');
  return readFileSync(installed(path), 'utf8')
    .replace(PART, (_, name: string) => part(name))
    .replace(DIRECTIVE, '')
    .replaceAll('@KIND@', kind);
}

/** What it reads on its stdin: the bound text, and signatures of it in base64. Those that it cannot take are left out. */
export function orderText(bound: string, signatures: readonly string[]): string {
  return [
    `${bound}end\n`,
    ...signatures.slice(0, MOST_SIGNATURES).map((signature) => `signature\t${signature}\n`),
    'done\n',
  ].join('');
}
