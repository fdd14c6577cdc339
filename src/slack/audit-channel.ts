/** A copy of the audit trail in a Slack channel, whose members can see when the trail no longer says what it said. */
import type { AuditMirror, ChangeStore } from '#app/change-ports.ts';
import { auditMessage, beginMessage, gapMessage } from '#render/slack/audit-message.ts';
import type { SendOnce } from './post.ts';

/** Records of one message. */
const MOST = 15;

/**
 * Begins with what happens after it was first configured, and says where: that the position was deleted is seen, too. Posted before it counts as posted: after a crash in between a
 * record is there twice, and never missing. A position that cannot be right is said in the channel, once.
 */
export function createAuditChannel(
  channel: string,
  { audit, auditPosts: posts }: Pick<ChangeStore, 'audit' | 'auditPosts'>,
  sendOnce: SendOnce,
): AuditMirror {
  /** The newest that this process has posted. */
  let mine: number | undefined;

  const post = (message: ReturnType<typeof auditMessage>) =>
    sendOnce(({ chat }) => chat.postMessage({ channel, unfurl_links: false, ...message }));

  async function startFrom(seq: number): Promise<number> {
    await posts.moveTo(seq);
    return seq;
  }

  return {
    async position() {
      const [known, { seq }] = [await posts.position(), await audit.head()];
      if (typeof known === 'number' && known <= seq) return known;
      const from = Math.min(mine ?? seq, seq);
      await post(known === null && mine === undefined ? beginMessage(from + 1) : gapMessage(from));
      return startFrom(from);
    },
    async append(records) {
      for (let from = 0; from < records.length; from += MOST) {
        const portion = records.slice(from, from + MOST);
        await post(auditMessage(portion));
        mine = portion.at(-1)?.seq ?? 0;
        await posts.moveTo(mine);
      }
    },
  };
}
