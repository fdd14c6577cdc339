/** Trigger ids, which open one view within three seconds, and response URLs, which post five times within half an hour. */
import { randomUUID } from 'node:crypto';

const RESPONSE_LIFE_MS = 30 * 60_000;
const RESPONSE_USES = 5;

export interface ResponseTarget {
  readonly user: string;
  readonly channel: string;
  readonly thread: string | null;
  /** The message whose button was pressed; null for a command. */
  readonly message: string | null;
}

export type ShortLived = ReturnType<typeof createShortLived>;

/** Times in milliseconds. */
export function createShortLived(triggerLifeMs: number, now: () => number = Date.now) {
  const triggers = new Map<string, { readonly user: string; readonly until: number }>();
  const responses = new Map<string, { readonly target: ResponseTarget; readonly until: number; uses: number }>();
  return {
    newTrigger(user: string): string {
      const trigger = `${now()}.${randomUUID()}`;
      triggers.set(trigger, { user, until: now() + triggerLifeMs });
      return trigger;
    },
    /** The person whose trigger it was. */
    useTrigger(
      trigger: unknown,
    ): { readonly user: string } | 'expired_trigger_id' | 'invalid_trigger_id' | 'exchanged_trigger_id' {
      const known = triggers.get(String(trigger));
      if (known === undefined) return 'invalid_trigger_id';
      if (known.user === '') return 'exchanged_trigger_id';
      if (now() > known.until) return 'expired_trigger_id';
      triggers.set(String(trigger), { user: '', until: 0 });
      return { user: known.user };
    },
    newResponse(target: ResponseTarget): string {
      const id = randomUUID();
      responses.set(id, { target, until: now() + RESPONSE_LIFE_MS, uses: 0 });
      return id;
    },
    useResponse(id: string): ResponseTarget | 'used_url' | 'expired_url' {
      const known = responses.get(id);
      if (known === undefined || now() > known.until) return 'expired_url';
      return known.uses++ < RESPONSE_USES ? known.target : 'used_url';
    },
  };
}
