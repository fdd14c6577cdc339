/** Keeps the copies of the audit trail up to date, one round at a time; a copy that takes nothing stops neither the other nor us. */
import type { Logger } from 'pino';
import type { AuditMirror, ChangeStore } from '#app/change-ports.ts';
import { mirrorAudit } from '#app/mirror-audit.ts';

export interface TrailMirrors {
  readonly file: AuditMirror | undefined;
  readonly channel: AuditMirror | undefined;
}

export function createMirroring(
  { audit, auditPosts }: ChangeStore,
  { file, channel }: TrailMirrors,
  log: Logger,
): () => Promise<void> {
  async function tryTo(copy: string, work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => log.warn({ err: error, copy }, 'the audit trail could not be copied'));
  }

  async function round(): Promise<void> {
    if (file !== undefined) await tryTo('file', () => mirrorAudit(audit, file));
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
