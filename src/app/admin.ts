/** What admins do apart from any change: may this person, and the record of it. */
import type { AuditEntry } from '#change/audit.ts';
import { type Policy, type Somebody, standsAsAdmin } from '#change/policy.ts';
import type { Actor } from '#domain/check.ts';

export type AdminRefusal = 'not-admin' | 'not-checked';

export function whyNotAdmin(policy: Policy, person: Somebody): AdminRefusal | undefined {
  const stands = standsAsAdmin(policy, person);
  if (stands === 'in') return undefined;
  return stands === 'out' ? 'not-admin' : stands;
}

export function adminEntry(
  event: 'freeze' | 'thaw' | 'unlock',
  host: string | null,
  details: AuditEntry['details'],
  actor: Actor,
  at: Date,
): AuditEntry {
  return { at: at.toISOString(), change: null, host, event, from: null, to: null, actor, hash: null, details };
}
