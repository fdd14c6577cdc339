/** `npm run bench`: every figure as a ratio of two things measured in turn in one run, as a Markdown table. `npm run bench -- bot host-cost-250k` for some. */
import { cpus, release } from 'node:os';
import { auditVerify } from './audit-verify.ts';
import { bot } from './bot.ts';
import { changes } from './changes.ts';
import { type Figure, table } from './figure.ts';
import { firstVerdict } from './first-verdict.ts';
import { hostCostIdle, hostCostOf } from './host-cost.ts';
import { kernel } from './kernel.ts';
import { reach } from './reach.ts';
import { soak } from './soak.ts';
import { startUp } from './start-up.ts';

const MEASURES = {
  'start-up': { measure: startUp, takes: 'seconds' },
  'first-verdict': { measure: firstVerdict, takes: 'half a minute' },
  'host-cost-idle': { measure: hostCostIdle, takes: 'three minutes' },
  'host-cost-250k': { measure: hostCostOf(250_000, 3), takes: 'four minutes' },
  'host-cost-400k': { measure: hostCostOf(400_000, 3), takes: 'five minutes' },
  'host-cost-1m': { measure: hostCostOf(990_000, 2), takes: 'eight minutes, and 6 GB of memory' },
  reach: { measure: reach, takes: 'a minute' },
  bot: { measure: bot, takes: 'two minutes' },
  changes: { measure: changes, takes: 'a minute' },
  kernel: { measure: kernel, takes: 'ten minutes, and the time to make the guests where there are none' },
  audit: { measure: auditVerify, takes: 'half a minute' },
  soak: { measure: soak, takes: 'ten minutes' },
} as const;

const asked = process.argv.slice(2);
/** `host-cost` asks for all of host-cost-idle, host-cost-250k, ... */
const asksFor = (word: string, name: string) => name === word || name.startsWith(`${word}-`);
const unknown = asked.filter((word) => !Object.keys(MEASURES).some((name) => asksFor(word, name)));
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(', ')}; there are ${Object.keys(MEASURES).join(', ')}`);
  process.exit(2);
}

const figures: Figure[] = [];
for (const [name, { measure, takes }] of Object.entries(MEASURES)) {
  if (asked.length > 0 && !asked.some((word) => asksFor(word, name))) continue;
  console.error(`bench: ${name} (${takes})`);
  figures.push(...[await measure()].flat());
}
console.log(`Linux ${release()}, ${cpus().length} processors, Node.js ${process.version}\n`);
console.log(table(figures));
