/** The POSIX sh that runs on builders and targets as their ordinary account. */
import { readFileSync } from 'node:fs';
import { installed } from '#installed.ts';

function script(...files: readonly string[]): string {
  return files.map((file) => readFileSync(installed(`src/kinds/kernel/${file}`), 'utf8')).join('');
}

/** The recipes know what a build needs. */
export const PREFLIGHT_SCRIPT = script('recipes/deb.sh', 'recipes/rpm.sh', 'preflight.sh');
