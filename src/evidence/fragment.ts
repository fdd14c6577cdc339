/** A source's shell fragment is the .sh file beside its parser. */
import { readFileSync } from 'node:fs';
import type { Source } from '#domain/evidence.ts';
import { installed } from '#installed.ts';

export function fragment(name: string): string {
  return readFileSync(installed(`src/evidence/${name}.sh`), 'utf8');
}

/** A source with a script of its own. */
type Scripted<T> = Extract<Source<T>, { readonly script: string }>;

export function defineSource<T>(source: Omit<Scripted<T>, 'script'>): Scripted<T> {
  return { ...source, script: fragment(source.name) };
}
