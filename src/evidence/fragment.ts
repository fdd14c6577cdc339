/** Loads a source's shell fragment, the .sh file beside its parser. */
import { readFileSync } from 'node:fs';

export function fragment(name: string): string {
  return readFileSync(new URL(`./${name}.sh`, import.meta.url), 'utf8');
}
