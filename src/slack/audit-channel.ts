/** A copy of the audit trail in a Slack channel, whose members can see when the trail no longer says what it said. */
import type { AuditMirror, ChangeStore } from '#app/change-ports.ts';
import { auditMessage } from '#render/slack/audit-message.ts';
import type { SendOnce } from './post.ts';

/** Records of one message. */
const MOST = 15;

/**
 * Begins with what happens after it was first configured. Posted before it counts as posted: after a crash in between a
 * record is there twice, and never missing.
 */
export function createAuditChannel(
  channel: string,
  { audit, auditPosts: posts }: Pick<ChangeStore, 'audit' | 'auditPosts'>,
  sendOnce: SendOnce,
): AuditMirror {
  return {
    async position() {
      const known = await posts.position();
      if (known !== null) return known;
      const { seq } = await audit.head();
      await posts.moveTo(seq);
      return seq;
    },
    async append(records) {
      for (let from = 0; from < records.length; from += MOST) {
        const portion = records.slice(from, from + MOST);
        await sendOnce(({ chat }) => chat.postMessage({ channel, unfurl_links: false, ...auditMessage(portion) }));
        await posts.moveTo(portion.at(-1)?.seq ?? 0);
      }
    },
  };
}
