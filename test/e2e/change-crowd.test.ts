/** Changes on many hosts at once, with two approvers for each and two workers: none is lost, and none is applied twice. */
import { expect, it } from 'vitest';
import { playCrowd } from '../bot/change-crowd.ts';

it('twenty changes on five hosts at once', async () => {
  const { proposed, applied, wrong } = await playCrowd({ name: 'changecrowd', hosts: 5, each: 4 });
  expect(wrong).toEqual([]);
  expect([proposed, applied]).toEqual([20, 20]);
}, 240_000);
