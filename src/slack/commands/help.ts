/** /tcp help [command], which is also the answer to a word that is no command. */
import { nearestNames } from '#domain/nearest.ts';
import { helpMessage } from '#render/slack/help.ts';
import { defineCommand } from './command.ts';

export function helpAbout(others: readonly string[]) {
  const verbs = [...others, 'help'];
  return defineCommand({
    verb: 'help',
    anywhere: true,
    says: ['unknown-word'],
    // "help me please" is no question about "me".
    inSentence: (before, [about = '']) => (before.length === 0 && verbs.includes(about.toLowerCase()) ? [about] : []),

    /** `about`: a command, or a word that is none. */
    read: ([first, second]): { readonly about: string | null } => ({
      about: first?.replace(/^\/tcp$/i, '') || (second ?? null),
    }),

    async carryOut({ about }, { asked, desk, say }) {
      const verb = about === null ? null : verbs.find((each) => each === about.toLowerCase());
      if (verb !== undefined) return asked.reply(helpMessage(desk.bot.name, verb, asked.voice));
      const word = about ?? '';
      await say('unknown-word', {
        word,
        nearest: nearestNames(word, verbs).join(asked.voice.vocabulary.words.usage.or),
      });
    },
  });
}
