/** The program as its users have it: compiled. Starting it costs half of what starting the sources does. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));

/** Vitest calls it once, before the first file of those that start the program. */
export function setup(): void {
  execFileSync(fileURLToPath(new URL('../bin/build', import.meta.url)), { stdio: 'inherit' });
}
