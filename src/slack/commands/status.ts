/** /tcp status: the checks and changes under way, and the workers there are. */
import { listChanges } from '#app/list-changes.ts';
import { statusMessage } from '#render/slack/status.ts';
import { defineCommand } from './command.ts';

export const status = defineCommand({
  verb: 'status',
  anywhere: true,
  says: [],
  read: () => ({}),

  async carryOut(_, { asked, desk: { store, queue, changes, now } }) {
    const [active, { workers }, underWay] = await Promise.all([
      store.runs.active(),
      queue.counts(),
      listChanges(changes.store),
    ]);
    await asked.reply(statusMessage({ active, workers, changes: underWay, now: now() }, asked.voice));
  },
});
