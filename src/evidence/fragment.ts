/** The scripts and programs that are sent to a host: files beside the code that knows what they print. */
import { readFileSync } from 'node:fs';
import type { Source } from '#domain/evidence.ts';
import { installed } from '#installed.ts';

/** `path` is one of ours, below src/. Whole-line comments and indentation are for us, and cost bytes on the wire; Python needs the latter, a blank for four. */
export function sentText(path: string): string {
  const text = readFileSync(installed(path), 'utf8').replaceAll(/^[ \t]*(?:#.*)?\n/gm, '');
  return path.endsWith('.py') ? text.replaceAll('    ', ' ') : text.replaceAll(/^[ \t]+/gm, '');
}

/** A source with a script of its own. */
type Scripted<T> = Extract<Source<T>, { readonly script: string }>;

/** Its script is the .sh file beside its parser. */
export function defineSource<T>(source: Omit<Scripted<T>, 'script' | 'cadence'>): Scripted<T> {
  return { ...source, cadence: 'between', script: sentText(`src/evidence/${source.name}.sh`) };
}
