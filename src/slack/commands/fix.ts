/** /tcp fix <host> [fix]: the fixes that its last check offers, or the form for one of them. */
import { nearestNames } from '#domain/nearest.ts';
import { FORBIDDEN } from '#render/slack/change-words.ts';
import { fixesList, refusalSentence } from '#render/slack/fixes-list.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import type { Asked } from '../attend.ts';
import { refuseChange } from '../change-desk.ts';
import { listFixes } from '../list-fixes.ts';
import { openProposal } from '../propose-fix.ts';
import type { Desk } from '../tools.ts';
import { type Call, defineCommand } from './command.ts';

export const fix = defineCommand({
  verb: 'fix',
  anywhere: true,
  says: ['no-host'],
  read: ([host = null, name = null]): { readonly host: string | null; readonly name: string | null } => ({
    host,
    name,
  }),
  carryOut: ({ host, name }, call) => (host === null ? call.say('no-host') : fixOn(host, name, call)),
});

async function fixOn(typed: string, name: string | null, { place, trigger, asked, desk }: Call): Promise<void> {
  const wrong = name === null ? undefined : FORBIDDEN.find((each) => name.replace(/^net\.ipv4\./, '').startsWith(each));
  if (wrong !== undefined) return asked.reply(sentenceMessage(asked.voice.change.forbidden[wrong]));
  const host = desk.inventory().recognise(typed);
  if (host === undefined)
    return refuseChange(asked, 'unknown-host', { host: typed, nearest: await near(typed, asked, desk) });
  const [newest] = await desk.store.reports.ofHost(host, 1);
  const proposals = newest?.proposals;
  if (newest === undefined || proposals === undefined) return refuseChange(asked, 'no-report', { host });
  if (name === null) return asked.reply(fixesList(await listFixes(newest, proposals, desk), asked.voice));
  if (!asked.voice.fixes.has(name))
    return refuseChange(asked, 'unknown-fix', {
      name,
      host,
      nearest: nearestNames(name, asked.voice.fixes.keys())[0] ?? '',
    });
  const refused = proposals.find((each) => each.kind === 'refused' && each.fix === name);
  if (refused?.kind === 'refused') return asked.reply(sentenceMessage(refusalSentence(refused, asked.voice)));
  const value = `${newest.id}.${name}`;
  // Without a trigger there is no form to open: a button brings one.
  if (trigger === null) {
    const wanted = proposals.filter((each) => each.kind === 'plan' && each.plan.fix === name);
    return asked.reply(fixesList(await listFixes(newest, wanted, desk), asked.voice));
  }
  await openProposal(value, trigger, { value, ...place }, asked, desk);
}

async function near(typed: string, asked: Asked, { inventory }: Desk): Promise<string> {
  const found = await inventory().findTyped(typed);
  return found.kind === 'unknown' ? found.nearest.join(asked.voice.vocabulary.words.usage.or) : '';
}
