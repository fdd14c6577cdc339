/** What every command that decides something shares: who acts, with which tools, what is asked first, and how a refusal reads. */
import { confirm, isCancel } from '@clack/prompts';
import type { ChangeTools } from '#app/change-ports.ts';
import type { Decider, DecideTools } from '#app/decide-ports.ts';
import { createSigner } from '#change/witness.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { KindCards } from '#render/kind-card.ts';
import type { ChangeProblem, ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import type { Call } from './define.ts';
import { type Status, UsageError } from './failure.ts';
import { type Identity, type IdentityOptions, personOf, whoActs } from './identity.ts';
import type { World } from './world.ts';

export interface ActOptions extends IdentityOptions {
  /** Nothing is asked. */
  readonly yes?: boolean;
  readonly json?: boolean;
}

export interface Acting extends Decider {
  readonly privateKey: Identity['privateKey'];
  readonly tools: DecideTools & ChangeTools['store'] & Pick<ChangeTools, 'tellFreeze'>;
  readonly checks: ChangeTools['checks'];
  readonly inventory: Inventory;
  readonly words: ChangeWords;
  readonly kindCards: KindCards;
}

/** Rejects with a UsageError when it is not known who acts, and with whatever `work` rejects with. */
export async function act(
  { options, session }: Call<IdentityOptions>,
  work: (acting: Acting) => Promise<Status>,
): Promise<Status> {
  const { language, overrides, config } = session;
  const { policy, keys } = config.changes;
  const words = await session.changeWords();
  const identity = await whoActs(options, session);
  const { actor, privateKey } = identity;
  const [inventory, kinds] = [await session.inventory(), await session.kinds.kinds()];
  const kindCards = await session.kinds.cards(language, overrides);
  const sign = privateKey === null ? null : createSigner(privateKey).sign;
  await using opened = await session.openChanges(config, { sign });
  const { store, queue, checks, announce, tellFreeze } = opened;
  const { groupsOf } = inventory;
  const tools = { ...store, kinds, queue, announce, tellFreeze, policy, keys, groupsOf, now: () => new Date() };
  return await work({
    actor,
    person: personOf(identity, policy),
    privateKey,
    tools,
    checks,
    inventory,
    words,
    kindCards,
  });
}

/** Whether the person at the terminal wants it. Throws a UsageError where there is nobody to ask. */
export async function agreed(
  question: string,
  { yes }: ActOptions,
  { words: { cli } }: Pick<Acting, 'words'>,
  { stdin, stderr }: World,
): Promise<boolean> {
  if (yes) return true;
  if (!stdin.isTTY) throw new UsageError(cli.noTerminal);
  const answer = await confirm({ message: question, initialValue: false, input: stdin, output: stderr });
  const wanted = !isCancel(answer) && answer;
  if (!wanted) stderr.write(`${cli.nothingDone}\n`);
  return wanted;
}

const NONE = { host: '', id: '', name: '', nearest: '', has: '', needs: '' };

/** What the sentences of problems send people to. */
export const COMMANDS = {
  fixes: 'tcp-oncall plan',
  status: 'tcp-oncall changes',
  hosts: 'tcp-oncall hosts',
  freezeAll: 'tcp-oncall freeze',
};

export function refusal(
  why: ChangeProblem,
  { actor, words }: Pick<Acting, 'actor' | 'words'>,
  details: Partial<typeof NONE> = {},
): UsageError {
  return new UsageError(fill(sentenceFor(why, words), { ...NONE, ...COMMANDS, user: actor.id, ...details }));
}

/** What Slack has another remedy for. */
function sentenceFor(why: ChangeProblem, { cli: { identity }, problems }: ChangeWords): string {
  if (why === 'not-checked') return identity.groupsOnly;
  return why === 'needs-outside' ? identity.needsKey : problems[why];
}
