/** /tcp cancel <check or host>: ends a check, on the host too. */
import { cancelCheck } from '#app/cancel-check.ts';
import { parseCheckId } from '#domain/check.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { Asked } from '../attend.ts';
import type { Desk } from '../tools.ts';
import { defineCommand } from './command.ts';

export const cancel = defineCommand({
  verb: 'cancel',
  anywhere: false,
  says: ['nothing-to-cancel'],
  read: ([target = null]): { readonly target: string | null } => ({ target }),

  async carryOut({ target }, { asked, desk, say }) {
    const active = await desk.store.runs.active();
    const name = target === null ? null : (desk.inventory().recognise(target) ?? target);
    const id = name === null ? undefined : (active.find(({ host }) => host === name)?.id ?? parseCheckId(name));
    if (id === undefined) return say('nothing-to-cancel', { name: name ?? '' });
    await cancelOne(id, asked, desk);
  },
});

export async function cancelOne(text: string, asked: Asked, { store, queue, announce }: Desk): Promise<void> {
  const id = parseCheckId(text);
  const cancelled = id && (await cancelCheck(id, asked.actor, { ...store, queue, announce }));
  if (cancelled === undefined || cancelled.kind === 'unknown') return asked.refuse('unknown-run');
  const { host } = cancelled.run;
  if (cancelled.kind === 'ended') return asked.refuse('already-ended', { host });
  await asked.reply(sentenceMessage(fill(asked.voice.slack.cancelled, { host })));
}
