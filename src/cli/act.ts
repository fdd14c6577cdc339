/** What every command that decides something shares: who acts, with which tools, and the sentence for a refusal. */
import type { Decider, DecideTools } from '#app/decide-ports.ts';
import { loadChangeWords } from '#catalogue.ts';
import { createSigner } from '#change/witness.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { ChangeProblem, ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import { type Status, UsageError } from './failure.ts';
import { type Identity, type IdentityOptions, personOf, whoActs } from './identity.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

export interface Acting extends Decider {
  readonly privateKey: Identity['privateKey'];
  readonly tools: DecideTools;
  readonly inventory: Inventory;
  readonly words: ChangeWords;
}

/** Rejects with a UsageError when it is not known who acts, and with whatever `work` rejects with. */
export async function act(
  options: IdentityOptions,
  settings: Settings,
  world: World,
  work: (acting: Acting) => Promise<Status>,
): Promise<Status> {
  const { policy, keys } = settings.config.changes;
  const words = await loadChangeWords(settings.language, settings.overrides);
  const identity = await whoActs(options, settings);
  const { actor, privateKey } = identity;
  const inventory = await settings.inventory();
  const sign = privateKey === null ? null : createSigner(privateKey).sign;
  const { store, queue, announce, close } = await world.openChanges(settings.config, { sign });
  const groupsOf = (host: string) => inventory.listHosts().find(({ name }) => name === host)?.groups ?? [];
  const kinds = await world.kinds.kinds();
  const tools = { ...store, kinds, queue, announce, policy, keys, groupsOf, now: () => new Date() };
  try {
    return await work({ actor, person: personOf(identity, policy), privateKey, tools, inventory, words });
  } finally {
    await close();
  }
}

const NONE = { host: '', id: '', name: '', nearest: '', has: '', needs: '' };

export function refusal(
  why: ChangeProblem,
  { actor, words }: Pick<Acting, 'actor' | 'words'>,
  details: Partial<typeof NONE> = {},
): UsageError {
  const sentence = why === 'not-checked' ? words.cli.identity.groupsOnly : words.problems[why];
  return new UsageError(fill(sentence, { ...NONE, user: actor.id, ...details }));
}
