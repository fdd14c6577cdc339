/** How far the audit trail has been posted to Slack, in Redis. */
import type { AuditPosts } from '#app/change-ports.ts';
import type { Aside } from './aside.ts';
import type { Witness } from './audit-trail.ts';
import type { RedisConnection } from './connect-redis.ts';
import { keyOf } from './keys.ts';
import { withLock } from './lock.ts';
import { bad } from './record.ts';
import { createRecords } from './records.ts';

export const POSTED = keyOf('audit', 'posted');
const ALONE_MS = 15_000;
const POSITION = /^(\d{1,15})(?: (\S{88}))?$/;

/** With a witness the number is signed, so that who owns Redis cannot skip records. */
export function createAuditPosts(redis: RedisConnection, aside: Aside, witness?: Witness): AuditPosts {
  const records = createRecords(redis, aside);
  const about = (seq: string) => `posted ${seq}`;

  return {
    async position() {
      const found = await records.bytes<number>(POSTED, (bytes) => {
        const [, seq, signature = ''] = POSITION.exec(bytes.toString('latin1')) ?? [];
        if (seq === undefined) return bad('it is no number');
        if (witness?.isSigned(about(seq), signature) === false) return bad('it is not signed');
        return { kind: 'good', value: Number(seq) };
      });
      if (found.kind === 'none') return null;
      return found.kind === 'good' ? found.value : 'changed';
    },
    async moveTo(seq) {
      const signature = witness === undefined ? '' : ` ${witness.sign(about(String(seq)))}`;
      await redis.set(POSTED, `${seq}${signature}`);
    },
    alone: (work) => withLock(redis, keyOf('audit', 'posted', 'lock'), ALONE_MS, work),
  };
}
