/** `tcp-oncall kernel install|boot|keep|cancel|rollback <change>`: decisions as `approve`, `withdraw` and `revert` take them, on the gate that is named. */
import { withdraw } from '#app/deny.ts';
import { wish } from '#app/wish.ts';
import { type Change, gateOf } from '#domain/change.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import { stageSentence } from '#render/kind-card.ts';
import { fill } from '#render/words.ts';
import { type Acting, act, agreed, refusal } from './act.ts';
import { type DecideOptions, decideBy, typedChange } from './command-decide.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { showChange, told } from './show-change.ts';

export type KernelGate = 'install' | 'boot' | 'keep';

/** Approves this gate, and no other that may be open by now. */
export function passGate(name: KernelGate) {
  const verb = name === 'keep' ? 'keep' : 'approve';
  return decideBy(verb, (change, acting) => requireGate(name, change, acting));
}

export const rollBack = decideBy('revert', requireBuild);

function requireBuild(change: Change, { words: { cli } }: Acting): void {
  const { id, kind } = change;
  if (kind !== KERNEL) throw new UsageError(fill(cli.kernel.notKernel, { id }));
}

/** What has no gate open is refused by the decision itself, which says why. */
function requireGate(name: KernelGate, change: Change, acting: Acting): void {
  requireBuild(change, acting);
  const { words, kindCards } = acting;
  const open = change.state.kind === 'waiting' ? gateOf(change)?.name : undefined;
  if (open === undefined || open === name) return;
  const { id } = change;
  const stage = stageSentence(change, kindCards, words);
  throw new UsageError(fill(words.cli.kernel.otherGate, { id, name, open, stage }));
}

/** What runs is ended on its host; what waits is withdrawn. */
export function cancel(call: Call<DecideOptions>): Promise<Status> {
  const { given, options, session } = call;
  return act(call, async (acting) => {
    const { tools, words } = acting;
    const change = await typedChange(given[0], acting);
    requireBuild(change, acting);
    const { id, host } = change;
    showChange(change, acting, session);
    const { question, did } = words.cli.kernel;
    if (!(await agreed(question.cancel, options, acting, session))) return STATUS.findings;
    const runs = change.state.kind === 'working';
    const decided = runs ? await wish(id, 'cancel', acting, tools) : await withdraw(id, acting, tools);
    if (decided.kind === 'refused') throw refusal(decided.why, acting, { host, id });
    return told(runs ? did.cancel : words.cli.did.withdraw, decided.change, acting, options.json, session);
  });
}
