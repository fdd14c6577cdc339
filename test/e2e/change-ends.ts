/** How a change has to end, as its card and its host both say, and that the record of all of it is whole. */
import { expect } from 'vitest';
import { type ChangeHosts, DECIDES, KEPT, type Truth } from '../bot/change-hosts.ts';
import { wordsOf } from '../bot/seen.ts';
import { cli } from './cli-process.ts';

export async function expectEnd(stage: ChangeHosts, host: string, truth: Truth): Promise<void> {
  expect(await stage.ends(host, truth)).toEqual(truth);
}

export async function expectKeptByWhoSaidSo(stage: ChangeHosts, host: string): Promise<void> {
  await expectEnd(stage, host, KEPT);
  expect(wordsOf(stage.cardOf(host)?.blocks)).toMatch(new RegExp(`Kept by\\s+@${DECIDES}`));
}

export async function expectWholeRecord(stage: ChangeHosts): Promise<void> {
  const { status, stdout } = await cli(['audit', 'verify', '--config', stage.lab.paths.config], {
    env: { REDIS_URL: stage.redisUrl() },
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining('the chain is intact')]);
}
