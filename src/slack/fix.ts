/** /tcp fix <host> [fix], /tcp freeze, /tcp unlock: changes, asked for in words. */
import { transitionChange } from '#app/transition-change.ts';
import type { AuditEntry } from '#change/audit.ts';
import { isAdmin } from '#change/policy.ts';
import type { CardPlace } from '#domain/card.ts';
import type { ChangeId } from '#domain/change.ts';
import { nearestNames } from '#domain/nearest.ts';
import type { Inventory } from '#inventory/inventory.ts';
import { FORBIDDEN } from '#render/slack/change-words.ts';
import { fixesList, refusalSentence } from '#render/slack/fixes-list.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { Asked } from './attend.ts';
import { deciderOf, refuseChange } from './change-desk.ts';
import { openProposal } from './propose-fix.ts';
import type { Desk } from './tools.ts';

export async function fix(
  { host, name }: { readonly host: string; readonly name: string | null },
  place: CardPlace,
  trigger: string | null,
  asked: Asked,
  desk: Desk,
): Promise<void> {
  const wrong = name === null ? undefined : FORBIDDEN.find((each) => name.replace(/^net\.ipv4\./, '').startsWith(each));
  if (wrong !== undefined) return asked.reply(sentenceMessage(asked.voice.change.forbidden[wrong]));
  if (
    !desk
      .inventory()
      .listHosts()
      .some((each) => each.name === host)
  )
    return refuseChange(asked, 'unknown-host', { host });
  const [newest] = await desk.store.reports.ofHost(host, 1);
  const proposals = newest?.proposals;
  if (newest === undefined || proposals === undefined) return refuseChange(asked, 'no-report', { host });
  if (name === null) return asked.reply(fixesList(host, newest.id, proposals, asked.voice));
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
  if (trigger === null)
    return asked.reply(
      fixesList(
        host,
        newest.id,
        proposals.filter((each) => each.kind === 'plan' && each.plan.fix === name),
        asked.voice,
      ),
    );
  await openProposal(value, trigger, { value, ...place }, asked, desk);
}

export async function freeze(
  { on, group }: { readonly on: boolean; readonly group: string },
  asked: Asked,
  desk: Desk,
): Promise<void> {
  const { store, policy } = desk.changes;
  const { person } = await deciderOf(asked, desk);
  if (!isAdmin(policy, person)) return refuseChange(asked, 'not-admin');
  const inventory = desk.inventory();
  // Somebody who slipped would believe that nothing can be changed.
  if (on && group !== '*' && !inventory.groups.has(group))
    return refuseChange(asked, 'unknown-group', { name: group, nearest: nearestGroup(group, inventory) });
  const { done } = asked.voice.change;
  const at = desk.now();
  const entry = entryOf(on ? 'freeze' : 'thaw', null, { group }, asked, at);
  if (on) await store.freezes.freeze({ group, by: asked.actor.id, since: at }, entry);
  else if (!(await store.freezes.thaw(group, entry))) return refuseChange(asked, 'not-frozen', { name: group });
  await asked.reply(sentenceMessage(fill(on ? done.freeze : done.thaw, { group })));
}

/** Whoever names a host means a group of it. */
function nearestGroup(name: string, { listHosts, groups }: Inventory): string {
  const host = listHosts().find((each) => each.name === name);
  return host?.groups[0] ?? nearestNames(name, groups.keys())[0] ?? '';
}

export async function unlock(host: string, asked: Asked, desk: Desk): Promise<void> {
  const { store, policy } = desk.changes;
  const { person } = await deciderOf(asked, desk);
  if (!isAdmin(policy, person)) return refuseChange(asked, 'not-admin');
  const lost = (await store.changes.active()).find(
    (each) => each.host === host && each.state.kind === 'outcome-unknown',
  );
  if (lost !== undefined) return abandon(lost.id, host, asked, desk);
  const lock = await store.changes.lockOf(host);
  const entry = entryOf(
    'unlock',
    host,
    { change: lock?.change ?? null, token: lock?.token ?? null },
    asked,
    desk.now(),
  );
  if (lock === undefined || !(await store.changes.unlock(host, entry))) return refuseChange(asked, 'no-lock', { host });
  await asked.reply(sentenceMessage(fill(asked.voice.change.done.unlock, { host, id: lock.change })));
}

/** Nobody can say what the host did with it, and whoever unlocks the host has looked. */
async function abandon(id: ChangeId, host: string, asked: Asked, desk: Desk): Promise<void> {
  const { store, announce } = desk.changes;
  const moved = await transitionChange(id, { kind: 'abandon', by: asked.actor }, { ...store, now: desk.now });
  if (moved.kind !== 'moved') return refuseChange(asked, 'no-lock', { host });
  await announce(id);
  await asked.reply(sentenceMessage(fill(asked.voice.change.done.abandon, { host, id })));
}

function entryOf(
  event: string,
  host: string | null,
  details: AuditEntry['details'],
  { actor }: Asked,
  at: Date,
): AuditEntry {
  return { at: at.toISOString(), change: null, host, event, from: null, to: null, actor, hash: null, details };
}
