/** How a change is shown: its card, and in the thread each state, each proof and each freeze once. */
import { firstGate, policyGate, shownHash, targetOf } from '#app/decide-ports.ts';
import { takerBack } from '#app/propose-revert.ts';
import { kindOf } from '#app/transition.ts';
import { freezesOf } from '#change/allowed.ts';
import { approversOf } from '#change/circles.ts';
import { isNearExpiry } from '#change/due.ts';
import { waitsUntil } from '#change/kind.ts';
import { progressMark } from '#change/progress.ts';
import type { Card } from '#domain/card.ts';
import { type Change, type ChangeId, isOver } from '#domain/change.ts';
import { changeCard } from '#render/slack/change-card.ts';
import { tellings } from '#render/slack/change-told.ts';
import { freezeTellings } from '#render/slack/freeze-told.ts';
import type { SlackVoice } from '#render/slack/message.ts';
import type { ShownChange } from '#render/slack/shown-change.ts';
import type { Shown, Telling } from './present-card.ts';
import { fileTellings } from './tell-files.ts';
import type { Desk } from './tools.ts';

type Tools = Pick<Desk, 'changes' | 'inventory' | 'voice' | 'client' | 'log' | 'now'>;

export async function lookAtChange(id: ChangeId, tools: Tools): Promise<Shown | undefined> {
  const change = await tools.changes.store.changes.find(id);
  if (change === undefined) return undefined;
  const shown = await gather(change, tools);
  const files = await tools.changes.store.changes.filesOf(id);
  return {
    revision: change.revision,
    progress: progressMark(shown.progress),
    isOver: isOver(change),
    isProgress: false,
    isFinal: false,
    draw: async ({ language }) => changeCard(shown, tools.voice(language)),
    tellings(card) {
      const voice = tools.voice(card.language);
      return [...allTellings(shown, card, voice), ...fileTellings(change, files, voice, tools)];
    },
  };
}

async function gather(
  change: Change,
  { changes: { policy, store, kinds }, inventory, now }: Tools,
): Promise<ShownChange> {
  const target = targetOf(change, inventory());
  return {
    change,
    hash: shownHash(change, kinds),
    approvers: approversOf(policy, target, policyGate(change, kinds), change),
    reviewers: approversOf(policy, target, firstGate(change), change),
    freezes: freezesOf(target.groups, await store.freezes.list()),
    progress: await store.changes.progressOf(change),
    waitsUntil: waitsUntil(kindOf(change, kinds), change),
    closesSoon: isNearExpiry(change, now()),
    taker: await takerBack(change, store.changes),
  };
}

function allTellings(shown: ShownChange, { told }: Card, voice: SlackVoice): readonly Telling[] {
  return [
    ...tellings(shown, voice).map(({ key, message, loud = false, redraws = false }) => ({
      key,
      say: async () => message,
      loud,
      redraws,
    })),
    ...freezeTellings(shown, told, voice).map(({ key, message }) => ({ key, say: async () => message, redraws: true })),
  ];
}
