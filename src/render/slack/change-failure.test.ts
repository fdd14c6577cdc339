/** What stood in the way of a change with several hosts names the one that worked. */
import { expect, it } from 'vitest';
import { loadChangeWords, loadKindCards } from '#catalogue.ts';
import { failureSentence } from '#render/slack/change-failure.ts';
import { NOW } from '../../../test/bot/example-change.ts';
import { kernelChange } from '../../../test/bot/kernel-change.ts';

const VOICE = { change: await loadChangeWords('en', null), kinds: await loadKindCards('en', null) };

it.each([
  ['prepare', 1, 'builder-01'],
  ['boot', 3, 'web-01'],
] as const)('at the gate %s', (gate, opened, host) => {
  const change = kernelChange(gate);
  const gates = change.gates.map((each, index) => ({ ...each, expiresAt: index < opened ? NOW : null }));
  const sentence = failureSentence({ ...change, gates }, { code: 'no-helper', detail: '' }, VOICE);
  expect(sentence).toBe(`tcp-oncall-kernel is not installed on ${host}. Run: tcp-oncall host-setup ${host} --kernel`);
});
