import { expect, it } from 'vitest';
import { createShortLived } from './short-lived.ts';

const TARGET = { user: 'U0ALICE', channel: 'C0ONCALL', thread: null, message: null };

it('a trigger id opens one view, within three seconds', () => {
  let now = 0;
  const shortLived = createShortLived(3000, () => now);
  const [first, second] = [shortLived.newTrigger('U0ALICE'), shortLived.newTrigger('U0BOB')];
  now = 3000;
  expect(shortLived.useTrigger(first)).toEqual({ user: 'U0ALICE' });
  expect(shortLived.useTrigger(first)).toBe('exchanged_trigger_id');
  now = 3001;
  expect(shortLived.useTrigger(second)).toBe('expired_trigger_id');
  expect(shortLived.useTrigger('made up')).toBe('invalid_trigger_id');
});

it('a response URL takes five answers, within half an hour', () => {
  let now = 0;
  const shortLived = createShortLived(3000, () => now);
  const [often, late] = [shortLived.newResponse(TARGET), shortLived.newResponse(TARGET)];
  const answers = Array.from({ length: 6 }, () => shortLived.useResponse(often));
  expect(answers).toEqual([...Array.from({ length: 5 }, () => TARGET), 'used_url']);
  now = 30 * 60_000 + 1;
  expect(shortLived.useResponse(late)).toBe('expired_url');
});
