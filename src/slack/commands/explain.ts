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
    const { pages } = asked.voice.vocabulary;
    if (id === null) return asked.reply(explainList(asked.voice));
    if (!pages.has(id)) return say('unknown-diagnosis', { id, nearest: nearestNames(id, pages.keys())[0] ?? '' });
    await asked.reply(explainMessage(id, await desk.page(id, asked.person.language), asked.voice));
  },
});
