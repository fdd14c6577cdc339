import { expect, it } from 'vitest';
import { createWorld } from '../../test/bot/histories/world.ts';

const COUNT = Number(process.env['HISTORIES'] ?? 250);
const FIRST = Number(process.env['HISTORY'] ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = 100;

it(`hold, whatever people press, whatever breaks and when: ${COUNT} from ${FIRST}`, {
  timeout: 3_600_000,
}, async () => {
  const sum = { begun: 0, waited: 0, killed: 0, records: 0, changes: 0 };
  const ends: Record<string, number> = {};
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const world = createWorld(seed);
    await world.run(STEPS).catch((error: unknown) => {
      throw new Error(
        `HISTORY=${seed} HISTORIES=1: ${error instanceof Error ? error.stack : error}\n${world.log.join('\n')}`,
      );
    });
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += world.counts[key];
    for (const [how, count] of Object.entries(world.counts.ends)) ends[how] = (ends[how] ?? 0) + count;
  }
  if (COUNT > 1000) process.stdout.write(`${JSON.stringify({ ...sum, ends })}\n`);
  expect(sum.begun).toBeGreaterThan(0);
});
