/** What the listeners of changes share: who decides, in which groups a host is, and the sentence for a refusal. */
import type { Decider, DecideTools } from '#app/decide-change.ts';
import type { Policy, Somebody } from '#change/policy.ts';
import { type ChangeId, parseChangeId } from '#domain/change.ts';
import type { ChangeProblem } from '#render/slack/change-words.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { fill } from '#render/words.ts';
import type { Asked } from './attend.ts';
import type { Desk } from './tools.ts';

export function decideTools({ changes, inventory, now }: Desk): DecideTools {
  const { store, queue, announce, policy, keys } = changes;
  return { ...store, queue, announce, policy, keys, groupsOf: (host) => groupsOf(host, inventory), now };
}

/** As the inventory has them now; a host that is in it no longer is in no group. */
export function groupsOf(host: string, inventory: Desk['inventory']): readonly string[] {
  return (
    inventory()
      .listHosts()
      .find(({ name }) => name === host)?.groups ?? []
  );
}

/** Asked of Slack again for everything that counts: a person may have been deactivated a minute ago. */
export async function deciderOf(asked: Asked, { people, changes }: Desk): Promise<Decider> {
  await people.member(asked.actor.id);
  return { actor: asked.actor, person: await somebody(asked.actor.id, changes.policy, people) };
}

/** Asked of Slack, in which user groups of the policy this person is. */
export async function somebody(id: string, policy: Policy, people: Desk['people']): Promise<Somebody> {
  const circles = [policy.breakGlass, policy.admins, ...policy.rules.flatMap(({ ask, approve }) => [ask, approve])];
  const groups = new Set(circles.flatMap((circle) => circle?.userGroups ?? []));
  return { id, userGroups: await people.groupsOf(id, [...groups]) };
}

export function refuseChange(
  asked: Asked,
  problem: ChangeProblem,
  details: Readonly<Record<string, string>> = {},
): Promise<void> {
  return asked.reply(sentenceMessage(changeSentence(asked, problem, details)));
}

const NONE = { host: '', id: '', name: '', nearest: '' };

export function changeSentence(
  { voice }: Pick<Asked, 'voice'>,
  problem: ChangeProblem,
  details: Readonly<Record<string, string>> = {},
): string {
  return fill(voice.change.problems[problem], { ...NONE, ...details });
}

/** A button's value: the change, and the beginning of the hash of the plan that was shown with it. */
export function parseValue(value: string): { readonly id: ChangeId; readonly seen: string } | undefined {
  const [text = '', seen = '', ...more] = value.split('.');
  const id = parseChangeId(text);
  return id === undefined || more.length > 0 || !/^[0-9a-f]{12}$/.test(seen) ? undefined : { id, seen };
}
