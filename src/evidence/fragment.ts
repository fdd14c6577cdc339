/** Loads a source's shell fragment, the .sh file beside its parser. */
import { readFileSync } from 'node:fs';
import { installed } from '#installed.ts';

export function fragment(name: string): string {
  return readFileSync(installed(`src/evidence/${name}.sh`), 'utf8');
}
