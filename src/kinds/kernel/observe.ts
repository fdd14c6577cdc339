/** What the answer of a builder or a target says of a kernel change. Pure; a host may say anything. */
import type { Deed, Observation } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import type { CommandResult } from '#domain/command.ts';
import { unanswered } from '../unanswered.ts';
import { readKernelAnswer } from './helper-answer.ts';
import { observeBuild, observePrepare } from './observe-builder.ts';
import { observeTarget } from './observe-target.ts';
import type { KernelPlan } from './plan.ts';
import { readRunnerAnswer } from './runner-answer.ts';

type Asked = Change<KernelPlan>;

export function observe(change: Asked, deed: Deed, result: CommandResult, word: string, now: Date): Observation {
  const gate = change.reverts === null ? gateOf(change)?.name : 'rollback';
  if (gate === 'build') {
    const said = result.kind === 'exited' ? readRunnerAnswer(result.stdout, word) : undefined;
    return said === undefined ? ofBuilder(deed, result) : observeBuild(said);
  }
  const said = result.kind === 'exited' ? readKernelAnswer(result.stdout, word) : undefined;
  if (gate === 'prepare') return said === undefined ? unanswered(deed, result) : observePrepare(said, deed);
  return said === undefined ? ofTarget(change, deed, result, now) : observeTarget(change, deed, said, now);
}

/** The runner needs no rights: a shell that ends without a word has begun it, for all that is known. */
function ofBuilder(deed: Deed, result: CommandResult): Observation {
  if (result.kind !== 'exited') return unanswered(deed, result);
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  return { kind: 'unclear', why: `exit ${result.code} ${said.slice(0, 200)}`.trim(), isWord: false };
}

/** Firmware, a check of file systems, and twice if the new kernel panics. */
const LONGEST_REBOOT_MS = 10 * 60_000;

/** While it reboots nothing answers, or an sshd that does not let anybody in yet. */
function ofTarget(change: Asked, deed: Deed, result: CommandResult, now: Date): Observation {
  const said = unanswered(deed, result);
  const since = rebootsSince(change, now);
  if (since === null || said.kind !== 'unclear' || result.kind === 'host-key-other') return said;
  if (now.getTime() - since.getTime() > LONGEST_REBOOT_MS) return { kind: 'unclear', why: 'not-back', isWord: false };
  return { kind: 'running', progress: 'reboot' };
}

/** Since when it has been told to, or does so by itself; null = it has no reason to. */
function rebootsSince(change: Asked, now: Date): Date | null {
  const { state } = change;
  const wish = 'wish' in state ? state.wish : null;
  if (wish?.what === 'revert') return wish.at;
  if (state.kind === 'working') return REBOOTS.includes(gateOf(change)?.name ?? '') ? state.at : null;
  return state.kind === 'waiting' && state.reverts !== null && now >= state.reverts ? state.reverts : null;
}

const REBOOTS: readonly string[] = ['boot', 'rollback'];
