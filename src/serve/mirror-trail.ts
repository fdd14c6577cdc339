/** Keeps the copies of the audit trail up to date, one round at a time; a copy that takes nothing stops neither the other nor us. */
import type { Logger } from 'pino';
import type { AuditCopy, AuditMirror, AuditTrail, ChangeStore } from '#app/change-ports.ts';

export interface TrailMirrors {
  readonly file: AuditCopy | undefined;
  readonly channel: AuditMirror | undefined;
}

export function createMirroring(
  { audit, auditPosts }: ChangeStore,
  { file, channel }: TrailMirrors,
  log: Logger,
): () => Promise<void> {
  /** What keeps each copy from being written, said once and not at every round. */
  const said = new Map<string, string>();

  async function tryTo(copy: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      if (said.delete(copy)) log.info({ copy }, 'the audit trail is copied again');
    } catch (error) {
      const why = String(error);
      if (said.get(copy) !== why) log.error({ err: error, copy }, 'the audit trail could not be copied');
      said.set(copy, why);
    }
  }

  async function round(): Promise<void> {
    if (file !== undefined) await tryTo('file', () => file.alone(() => mirrorAudit(audit, file)));
    if (channel !== undefined) await tryTo('channel', () => auditPosts.alone(() => mirrorAudit(audit, channel)));
  }

  let running: Promise<void> | undefined;
  return () => {
    running ??= round().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** From where the copy ends. Rejects when the place takes nothing; what it has taken stays, and the next call goes on from there. */
export async function mirrorAudit(audit: AuditTrail, mirror: AuditMirror): Promise<void> {
  for await (const records of audit.records(await mirror.position())) await mirror.append(records);
}
