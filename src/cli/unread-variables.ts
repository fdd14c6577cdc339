/** What is said of Ansible's variables that nobody here can read: hosts may be elsewhere than we think. */
import type { Finding } from '#doctor/finding.ts';
import type { Inventory } from '#inventory/inventory.ts';
import { fill } from '#render/words.ts';
import { sayWarning } from './complain.ts';
import type { Session } from './session.ts';

/** Nothing where all is read. */
export function unreadFindings({ unread }: Inventory): readonly Finding[] {
  if (unread.length === 0) return [];
  return [{ subject: 'ansible-variables', kind: 'unchecked', details: { directories: unread.join(', ') } }];
}

/** On stderr, so that a list of hosts stays one. */
export async function warnOfUnread(session: Session): Promise<void> {
  const [finding] = unreadFindings(await session.inventory());
  if (finding === undefined) return;
  const { message = '', next = '' } = (await session.words()).doctor[finding.subject][finding.kind] ?? {};
  sayWarning({ message: fill(message, finding.details), next: fill(next, finding.details) }, session);
}
