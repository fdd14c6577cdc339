/** /tcp unlock <host>: an admin frees a host from the change that holds it. */
import { lockedHosts, unlock as unlockHost } from '#app/unlock.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import { adminOf, decideTools, refuseChange } from '../change-desk.ts';
import { defineCommand } from './command.ts';

export const unlock = defineCommand({
  verb: 'unlock',
  anywhere: false,
  says: ['no-host', 'nothing-locked'],
  read: ([host = null]): { readonly host: string | null } => ({ host }),

  async carryOut({ host: typed }, { asked, desk, say }) {
    if (typed === null) {
      const hosts = await lockedHosts(desk.changes.store);
      if (hosts.length === 0) return say('nothing-locked');
      return say('no-host', { name: hosts.join(', '), host: hosts[0] ?? '' });
    }
    // A host that is in the inventory no longer may still be locked.
    const host = desk.inventory().recognise(typed) ?? typed;
    const unlocked = await unlockHost(host, await adminOf(asked, desk), decideTools(desk));
    if (unlocked.kind === 'refused') return refuseChange(asked, unlocked.why, { host });
    const { done } = asked.voice.change;
    const sentence = unlocked.kind === 'abandoned' ? done.abandon : done.unlock;
    await asked.reply(sentenceMessage(fill(sentence, { host, id: unlocked.change })));
  },
});
