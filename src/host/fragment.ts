/** Loads a shell part of this folder. */
import { readFileSync } from 'node:fs';

export function fragment(name: string): string {
  return readFileSync(new URL(`./${name}.sh`, import.meta.url), 'utf8');
}
