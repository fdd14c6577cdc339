/** What the listeners of changes share: who decides, in which groups a host is, and the sentence for a refusal. */
import { type Decider, type DecideTools, firstGate, policyGate, targetOf } from '#app/decide-ports.ts';
import type { ProposeTools } from '#app/propose.ts';
import { adminGroupsNeeded, type Deed, groupsNeeded } from '#change/circles.ts';
import { type ChangeId, parseChangeId } from '#domain/change.ts';
import { parseCheckId } from '#domain/check.ts';
import type { ChangeProblem } from '#render/slack/change-words.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { About, Asked } from './attend.ts';
import type { Desk } from './tools.ts';

export function decideTools({ changes, inventory, now }: Desk): DecideTools {
  const { store, ...tools } = changes;
  return { ...store, ...tools, groupsOf: (host) => inventory().groupsOf(host), now };
}

export function proposeTools(desk: Desk): ProposeTools {
  return { ...decideTools(desk), cards: desk.store.cards };
}

/** For what is done to a change that there is: its rule and its open gate say which user groups count. */
export async function deciderOn(id: ChangeId, deed: Deed | 'review', asked: Asked, desk: Desk): Promise<Decider> {
  const change = await desk.changes.store.changes.find(id);
  if (change === undefined) return deciderOf([], asked, desk);
  const target = targetOf(change, decideTools(desk));
  const [gate, what] =
    deed === 'review'
      ? ([firstGate(change), 'approve'] as const)
      : ([policyGate(change, desk.changes.kinds), deed] as const);
  const needed = groupsNeeded(what, desk.changes.policy, target, gate, asked.actor.id);
  return deciderOf(needed, asked, desk);
}

/** Asked of Slack again for everything that counts: a person may have been deactivated a minute ago. */
export async function deciderOf(groups: readonly string[], asked: Asked, { people }: Desk): Promise<Decider> {
  const { id } = asked.actor;
  await people.member(id);
  return { actor: asked.actor, person: { id, ...(await people.standingIn(id, groups)) } };
}

/** For what the policy leaves to admins. */
export function adminOf(asked: Asked, desk: Desk): Promise<Decider> {
  return deciderOf(adminGroupsNeeded(desk.changes.policy, asked.actor.id), asked, desk);
}

export function refuseChange(
  asked: Asked,
  problem: ChangeProblem,
  details: Readonly<Record<string, string>> = {},
): Promise<void> {
  return asked.reply(sentenceMessage(changeSentence(asked, problem, details)));
}

const NONE = { host: '', id: '', name: '', nearest: '', has: '', needs: '', verb: 'approve' };

/** What the sentences of problems send people to. */
const COMMANDS = { fixes: '/tcp fix', status: '/tcp status', hosts: '/tcp hosts', freezeAll: '/tcp freeze on' };

export function changeSentence(
  { voice }: Pick<Asked, 'voice'>,
  problem: ChangeProblem,
  details: Readonly<Record<string, string>> = {},
): string {
  return fill(voice.change.problems[problem], { ...NONE, ...COMMANDS, ...details });
}

/** A button's value: the change, and the beginning of the hash of the plan that was shown with it. */
export function parseValue(value: string): { readonly id: ChangeId; readonly seen: string } | undefined {
  const [text = '', seen = '', ...more] = value.split('.');
  const id = parseChangeId(text);
  return id === undefined || more.length > 0 || !/^[0-9a-f]{12}$/.test(seen) ? undefined : { id, seen };
}

/** A change's button names the change, one that proposes a fix the run it comes from. */
export function aboutValue(action: string, value: string): About {
  const change = parseValue(value)?.id;
  const run = parseCheckId(value.split('.')[0] ?? '');
  if (change !== undefined) return { action, change };
  return run === undefined ? { action } : { action, run };
}
