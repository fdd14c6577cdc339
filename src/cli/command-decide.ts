/** `tcp-oncall approve|keep|deny|withdraw|revert|extend <change>`: one decision each, by the same use cases as in Slack. */
import { randomUUID } from 'node:crypto';
import { approve, lessOf, openText } from '#app/approve.ts';
import { beside } from '#app/beside.ts';
import type { Decision } from '#app/decide-ports.ts';
import { deny, withdraw } from '#app/deny.ts';
import type { Proposed } from '#app/propose.ts';
import { proposeRevert } from '#app/propose-revert.ts';
import { kindOf } from '#app/transition.ts';
import { wish } from '#app/wish.ts';
import { hashOf } from '#change/bound.ts';
import type { Narrowed } from '#change/decide.ts';
import { signApproval } from '#change/signature.ts';
import { type Change, isKept, isOver, isProposal, parseChangeId } from '#domain/change.ts';
import { planOf } from '#render/kind-card.ts';
import { fill } from '#render/words.ts';
import { type Acting, type ActOptions, act, agreed, refusal } from './act.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { type Shown, showChange, showPlan, showText, told } from './show-change.ts';

export type Verb = 'approve' | 'keep' | 'deny' | 'withdraw' | 'revert' | 'extend';

export interface DecideOptions extends ActOptions {
  readonly reason?: string;
  /** Less of it: what of the plan, as its kind names it, and for how long it is tried. */
  readonly only?: readonly string[];
  readonly minutes?: number;
}

/** Shows the change, asks, and decides. `require` throws where it is not for this change. Status 1 when the answer is no. */
export function decideBy(verb: Verb, require: (change: Change, acting: Acting) => void = () => {}) {
  return (call: Call<DecideOptions>): Promise<Status> =>
    act(call, async (acting) => {
      const change = await typedChange(call.given[0], acting);
      require(change, acting);
      return decide(verb, change, call, acting);
    });
}

export async function typedChange(typed: string | undefined, acting: Acting): Promise<Change> {
  const id = parseChangeId(typed ?? '');
  const change = id && (await acting.tools.changes.find(id));
  if (change === undefined) throw refusal('unknown-change', acting);
  return change;
}

async function decide(
  verb: Verb,
  change: Change,
  { options, session }: Call<DecideOptions>,
  acting: Acting,
): Promise<Status> {
  const { tools, words } = acting;
  const narrowed = narrowedBy(options, change, acting);
  const less = lessOf(change, narrowed, tools);
  if (less === undefined && isProposal(change)) throw notLess(change, acting);
  const [text, approved] = [openText(change, tools) ?? '', openText(less ?? change, tools) ?? ''];
  if (verb === 'revert' && isKept(change)) showPlan(wayBackOf(change, options.reason ?? '', acting), acting, session);
  else showChange(less ?? change, acting, session);
  if (approved !== '' && (verb === 'approve' || verb === 'keep')) showText(approved, session);
  if (!(await agreed(words.cli.question[verb], options, acting, session))) return STATUS.findings;
  const decided = await DEEDS[verb](change, { text, approved, narrowed, reason: options.reason ?? '' }, acting);
  if (decided.kind === 'refused') throw refusal(decided.why, acting, { host: change.host, id: change.id });
  const did = decided.kind === 'done' ? verb : 'propose';
  return told(words.cli.did[did], decided.change, acting, options.json, session);
}

/** Undefined when all of it is approved. */
function narrowedBy({ only, minutes }: DecideOptions, change: Change, { kindCards }: Acting): Narrowed | undefined {
  if (only === undefined && minutes === undefined) return undefined;
  const parts = only ?? planOf(change, kindCards).steps.map(({ name }) => name);
  return { parts, revertMinutes: minutes ?? change.revertMinutes };
}

function notLess(change: Change, { words: { cli }, kindCards }: Acting): UsageError {
  const parts = planOf(change, kindCards).parts.map(({ keys }) => `--only ${keys.join(' ')}`);
  return new UsageError(fill(cli.notLess, { minutes: change.revertMinutes, parts: parts.join('; ') }));
}

interface Said {
  /** What the open gate is about. */
  readonly text: string;
  /** What was shown, and is approved: less, where it is narrowed. */
  readonly approved: string;
  readonly narrowed: Narrowed | undefined;
  readonly reason: string;
}

type Deed = (change: Change, said: Said, acting: Acting) => Promise<Decision | Proposed>;

const DEEDS: Readonly<Record<Verb, Deed>> = {
  approve: (change, said, acting) => pass(change, said, false, acting),
  keep: (change, said, acting) => pass(change, said, true, acting),
  deny: ({ id }, { reason }, acting) => deny(id, acting, reason, acting.tools),
  withdraw: ({ id }, _, acting) => withdraw(id, acting, acting.tools),
  revert: (change, { reason }, acting) =>
    isOver(change) ? takeBack(change, reason, acting) : wish(change.id, 'revert', acting, acting.tools),
  extend: ({ id }, _, acting) => wish(id, 'extend', acting, acting.tools),
};

function pass({ id }: Change, { text, approved, narrowed }: Said, trial: boolean, acting: Acting): Promise<Decision> {
  // Where no gate is open there is nothing to sign, and the refusal says why.
  const signature = acting.privateKey && approved !== '' ? signApproval(approved, acting.privateKey) : null;
  const given = { ...acting, seen: hashOf(text), signature, trial };
  return approve(id, narrowed === undefined ? given : { ...given, narrowed }, acting.tools);
}

/** What would be asked for. */
function wayBackOf(kept: Change, reason: string, { actor, tools, words }: Acting): Shown {
  const plan = kindOf(kept, tools.kinds).reverse(kept.plan) ?? kept.plan;
  return { ...kept, plan, reverts: kept.id, requester: actor, reason: reasonOf(kept, reason, words) };
}

function reasonOf({ id }: Change, reason: string, { modal }: Acting['words']): string {
  return reason || fill(modal.takesBack, { id });
}

/** Where what was kept is shown, its way back is shown too. */
async function takeBack(change: Change, reason: string, { actor, person, tools, words }: Acting): Promise<Proposed> {
  const { id } = change;
  const asking = {
    key: `terminal ${randomUUID()}`,
    requester: actor,
    person,
    revertMinutes: null,
    reason: reasonOf(change, reason, words),
    breakGlass: false,
    card: await beside({ kind: 'change', id }, tools.cards),
  };
  return proposeRevert(id, asking, tools);
}
