/** How long `tcp-oncall --help` takes, as built, against node doing nothing. */
import { execFileSync } from 'node:child_process';
import { PROGRAM } from '../built.ts';
import { type Figure, median } from './figure.ts';

const ROUNDS = 15;

export function startUp(): Figure {
  const [help, nothing]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    help.push(time([PROGRAM, '--help']));
    nothing.push(time(['-e', '0']));
  }
  const [a, b] = [median(help), median(nothing)];
  return {
    what: '`tcp-oncall --help`, to `node -e 0`',
    ratio: a / b,
    limit: 3,
    made: `${a.toFixed(0)} ms : ${b.toFixed(0)} ms`,
  };
}

function time(args: readonly string[]): number {
  const began = performance.now();
  execFileSync(process.execPath, args);
  return performance.now() - began;
}
