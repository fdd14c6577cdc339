/** What happens in the story of the shop: ports run out, and two people do something about it. */
import { isVerdictOf, presses, proposes, type Step, says, type } from './story.ts';

const [ALICE, BOB, YUKI] = ['U0ALICE', 'U0BOB', 'U0YUKI'];
/** A trial of a minute, and what the bot takes to hear of its end. */
const TRIAL_WITHIN_MS = 90_000;

export const SHOP_STORY: readonly Step[] = [
  type(
    BOB,
    'checkout fails since 03:04: EADDRNOTAVAIL towards the database. @alice can you look at web-01?',
    () => true,
  ),
  type(ALICE, '/tcp check web-1', (news) => says(news, 'web-01')),
  type(ALICE, '/tcp check web-01', isVerdictOf('web-01')),
  type(ALICE, '/tcp explain ephemeral-port-exhaustion-per-destination', (news) => says(news, 'EADDRNOTAVAIL')),
  ...proposes(ALICE, 'web-01', 'reuse-time-wait-ports', { reason: 'checkout fails', minutes: '10' }),
  presses(ALICE, 'change:approve', 'Approve', (news) => says(news, 'other than the requester must approve')),
  presses(BOB, 'change:approve', 'Approve', (news) => says(news, 'web-01: cured')),
  presses(BOB, 'change:keep', 'Keep', (news) => says(news, 'survive a reboot')),
  type(ALICE, '/tcp check web-01', isVerdictOf('web-01')),
  type(BOB, '/tcp check api-01 for 10s', (news) => says(news, 'api-01')),
  type(YUKI, '/tcp status', (news) => says(news, 'api-01')),
  type(YUKI, '/tcp check cache-01', isVerdictOf('cache-01')),
  type(ALICE, '/tcp check db-01', isVerdictOf('db-01')),
  type(ALICE, '/tcp check nat-01', isVerdictOf('nat-01')),
  ...proposes(ALICE, 'nat-01', 'enable-syncookies', { reason: 'not for long', minutes: '1' }),
  presses(BOB, 'change:approve', 'Approve', (news) => says(news, 'nat-01: on trial')),
  {
    who: BOB,
    does: 'goes for a coffee: nobody keeps it',
    until: (news) => says(news, 'old values are back on nat-01'),
    withinMs: TRIAL_WITHIN_MS,
  },
];
