/** What happens in the story of kernels: one that is built, boots, is measured and kept; and one that panics. */
import type { Message } from '#local-slack/snapshot.ts';
import { isVerdictOf, presses, type Step, says, type } from './story.ts';

const [ALICE, BOB] = ['U0ALICE', 'U0BOB'];
/** Emulated, and beside a compiler. */
const LONG_MS = 20 * 60_000;

export const KERNEL_STORY: readonly Step[] = [
  type(
    BOB,
    'web-01 runs out of ports towards the bank. Its gateway does no timestamps, and we cannot keep connections.',
    () => true,
  ),
  type(ALICE, '/tcp check web-01', isVerdictOf('web-01'), LONG_MS),
  ...build('web-01', 'the bank does no timestamps'),
  presses(ALICE, 'change:approve', 'Build', (news) => says(news, 'other than the requester must approve')),
  opens('change:approve', 'Build', (news) => says(news, 'is built and checked')),
  opens('change:approve', 'Install', (news) => says(news, 'Installed on web-01')),
  opens('change:approve', 'Reboot', isMeasured),
  opens('change:keep', 'Keep', (news) => says(news, 'Kept: web-01')),
  type(ALICE, '/tcp check web-01', isVerdictOf('web-01'), LONG_MS),
  type(
    BOB,
    'I have trimmed the kernel configuration of web-02, so that it builds faster. The same there, please.',
    () => true,
  ),
  ...build('web-02', 'as on web-01'),
  opens('change:approve', 'Build', (news) => says(news, 'is built and checked')),
  opens('change:approve', 'Install', (news) => says(news, 'Installed on web-02')),
  presses(BOB, 'change:approve', 'Reboot', (news) => says(news, 'came back on its previous kernel'), LONG_MS),
];

function build(host: string, reason: string): readonly Step[] {
  const text = `/tcp kernel build for ${host} timewait=5 because ${reason}`;
  return [
    type(
      ALICE,
      text,
      (news) => says(news, `${host}: kernel build waiting for approval`) && says(news, 'Kernel build requested'),
      LONG_MS,
    ),
  ];
}

/** Bob opens a gate, and the work behind it is to be done. */
function opens(action: string, button: string, until: Step['until']): Step {
  const isOver = (news: readonly Message[]) =>
    says(news, 'kernel change failed') || says(news, 'old kernel, nothing kept') || says(news, 'outcome unknown');
  return { ...presses(BOB, action, button, until, LONG_MS), isOver };
}

/** Booted, and the numbers before and after stand in the thread. */
function isMeasured(news: readonly Message[]): boolean {
  return says(news, 'has booted the new kernel') && says(news, 'Proof after');
}
