/** `npm run bench`: every figure as a ratio of two things measured in turn in one run, as a Markdown table. */
import { cpus, release } from 'node:os';
import { type Figure, table } from './figure.ts';
import { firstVerdict } from './first-verdict.ts';
import { hostCost } from './host-cost.ts';
import { startUp } from './start-up.ts';

const figures: Figure[] = [];
for (const [name, measure] of [
  ['start-up', startUp],
  ['first verdict', firstVerdict],
  ['host cost (three minutes)', hostCost],
] as const) {
  console.error(`bench: ${name}`);
  figures.push(...[await measure()].flat());
}
console.log(`Linux ${release()}, ${cpus().length} processors, Node.js ${process.version}\n`);
console.log(table(figures));
