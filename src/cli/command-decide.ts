/** `tcp-oncall approve|keep|deny|withdraw|revert|extend <change>`: one decision each, by the same use cases as in Slack. */
import { randomUUID } from 'node:crypto';
import { approve, openText } from '#app/approve.ts';
import { beside } from '#app/beside.ts';
import type { Decision } from '#app/decide-ports.ts';
import { deny, withdraw } from '#app/deny.ts';
import type { Proposed } from '#app/propose.ts';
import { proposeRevert } from '#app/propose-revert.ts';
import { wish } from '#app/wish.ts';
import { hashOf } from '#change/bound.ts';
import { signApproval } from '#change/signature.ts';
import { type Change, isOver, parseChangeId } from '#domain/change.ts';
import { fill } from '#render/words.ts';
import { type Acting, type ActOptions, act, agreed, refusal } from './act.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { showPlan, showText, told } from './show-change.ts';

export type Verb = 'approve' | 'keep' | 'deny' | 'withdraw' | 'revert' | 'extend';

interface DecideOptions extends ActOptions {
  readonly reason?: string;
}

/** Shows the change, asks, and decides. Status 1 when the answer is no. */
export function decideBy(verb: Verb) {
  return (call: Call<DecideOptions>): Promise<Status> => act(call, (acting) => decide(verb, call, acting));
}

async function decide(verb: Verb, { given, options, session }: Call<DecideOptions>, acting: Acting): Promise<Status> {
  const { tools, words } = acting;
  const id = parseChangeId(given[0] ?? '');
  const change = id && (await tools.changes.find(id));
  if (change === undefined) throw refusal('unknown-change', acting);
  const text = openText(change, tools) ?? '';
  showPlan(change, acting, session);
  if (text !== '' && (verb === 'approve' || verb === 'keep')) showText(text, session);
  if (!(await agreed(words.cli.question[verb], options, acting, session))) return STATUS.findings;
  const decided = await DEEDS[verb](change, text, options.reason ?? '', acting);
  if (decided.kind === 'refused') throw refusal(decided.why, acting, { host: change.host, id: change.id });
  const did = decided.kind === 'done' ? verb : 'propose';
  return told(words.cli.did[did], decided.change, acting, options.json, session);
}

/** `text`: what was shown of the open gate. */
type Deed = (change: Change, text: string, reason: string, acting: Acting) => Promise<Decision | Proposed>;

const DEEDS: Readonly<Record<Verb, Deed>> = {
  approve: (change, text, _, acting) => pass(change, text, false, acting),
  keep: (change, text, _, acting) => pass(change, text, true, acting),
  deny: ({ id }, _, reason, acting) => deny(id, acting, reason, acting.tools),
  withdraw: ({ id }, _text, _reason, acting) => withdraw(id, acting, acting.tools),
  revert: (change, _, reason, acting) =>
    isOver(change) ? takeBack(change, reason, acting) : wish(change.id, 'revert', acting, acting.tools),
  extend: ({ id }, _text, _reason, acting) => wish(id, 'extend', acting, acting.tools),
};

function pass({ id }: Change, text: string, trial: boolean, acting: Acting): Promise<Decision> {
  // Where no gate is open there is nothing to sign, and the refusal says why.
  const signature = acting.privateKey && text !== '' ? signApproval(text, acting.privateKey) : null;
  return approve(id, { ...acting, seen: hashOf(text), signature, trial }, acting.tools);
}

/** Where what was kept is shown, its way back is shown too. */
async function takeBack({ id }: Change, reason: string, { actor, person, tools, words }: Acting): Promise<Proposed> {
  const asking = {
    key: `terminal ${randomUUID()}`,
    requester: actor,
    person,
    revertMinutes: null,
    reason: reason || fill(words.modal.takesBack, { id }),
    breakGlass: false,
    card: await beside({ kind: 'change', id }, tools.cards),
  };
  return proposeRevert(id, asking, tools);
}
