/** /tcp fix <host> [fix] and /tcp unlock: changes, asked for in words. */
import { lockedHosts, unlock as unlockHost } from '#app/unlock.ts';
import type { CardPlace } from '#domain/card.ts';
import { nearestNames } from '#domain/nearest.ts';
import { FORBIDDEN } from '#render/slack/change-words.ts';
import { fixesList, refusalSentence } from '#render/slack/fixes-list.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { Asked } from './attend.ts';
import { adminOf, decideTools, refuseChange } from './change-desk.ts';
import { listFixes } from './list-fixes.ts';
import { openProposal } from './propose-fix.ts';
import type { Desk } from './tools.ts';

export async function fix(
  { host: typed, name }: { readonly host: string; readonly name: string | null },
  place: CardPlace,
  trigger: string | null,
  asked: Asked,
  desk: Desk,
): Promise<void> {
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

/** /tcp unlock alone: whether there is anything to unlock. */
export async function unlockWhich(asked: Asked, { changes }: Desk): Promise<void> {
  const hosts = await lockedHosts(changes.store);
  if (hosts.length === 0) return asked.refuse('nothing-locked');
  await asked.refuse('no-unlock-host', { name: hosts.join(', '), host: hosts[0] ?? '' });
}

export async function unlock(typed: string, asked: Asked, desk: Desk): Promise<void> {
  // A host that is in the inventory no longer may still be locked.
  const host = desk.inventory().recognise(typed) ?? typed;
  const unlocked = await unlockHost(host, await adminOf(asked, desk), decideTools(desk));
  if (unlocked.kind === 'refused') return refuseChange(asked, unlocked.why, { host });
  const { done } = asked.voice.change;
  const sentence = unlocked.kind === 'abandoned' ? done.abandon : done.unlock;
  await asked.reply(sentenceMessage(fill(sentence, { host, id: unlocked.change })));
}
