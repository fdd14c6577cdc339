/** /tcp explain [diagnosis]: what can be found, or the runbook page of one. */
import { nearestNames } from '#domain/nearest.ts';
import { explainList, explainMessage } from '#render/slack/explain.ts';
import { defineCommand } from './command.ts';

export const explain = defineCommand({
  verb: 'explain',
  anywhere: true,
  says: ['unknown-diagnosis'],
  read: ([id = null]): { readonly id: string | null } => ({ id }),

  async carryOut({ id }, { asked, desk, say }) {
    if (id === null) return asked.reply(explainList(asked.voice));
    const page = await desk.page(id, asked.person.language);
    if (page !== undefined) return asked.reply(explainMessage(id, page, asked.voice));
    const [nearest = ''] = nearestNames(id, asked.voice.vocabulary.pages.keys());
    await say('unknown-diagnosis', { id, nearest });
  },
});
