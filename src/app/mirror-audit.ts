/** Copies the audit trail to a second place, from where the copy ends: whoever can rewrite Redis cannot rewrite that. */
import type { AuditMirror, AuditTrail } from './change-ports.ts';

/** Rejects when the place takes nothing; what it has taken by then stays, and the next call goes on from there. */
export async function mirrorAudit(audit: AuditTrail, mirror: AuditMirror): Promise<void> {
  for await (const records of audit.records(await mirror.position())) await mirror.append(records);
}
