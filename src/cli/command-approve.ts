/** `tcp-oncall approve <change>`: an approval outside Slack, signed where its giver has a key. */
import { confirm, isCancel } from '@clack/prompts';
import { approveChange } from '#app/decide-change.ts';
import { loadFixWords } from '#catalogue.ts';
import { signApproval } from '#change/signature.ts';
import { type Change, parseChangeId } from '#domain/change.ts';
import { neutralise } from '#render/neutral.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import { act, refusal } from './act.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import type { IdentityOptions } from './identity.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

export interface ApproveOptions extends IdentityOptions {
  readonly yes?: boolean;
}

export function approve(text: string, options: ApproveOptions, settings: Settings, world: World): Promise<Status> {
  return act(options, settings, world, async (acting) => {
    const { tools, words, privateKey } = acting;
    const id = parseChangeId(text);
    const change = id && (await tools.changes.find(id));
    if (change === undefined) throw refusal('unknown-change', acting);
    await showChange(change, words, settings, world);
    if (!options.yes && !(await agreed(words, world))) return STATUS.findings;
    const signature = privateKey && signApproval(change.id, change.hash, privateKey);
    const decision = await approveChange(change.id, { ...acting, seen: change.hash, signature }, tools);
    const { host } = change;
    if (decision.kind === 'refused') throw refusal(decision.why, acting, { host, id: change.id });
    world.stdout.write(`${fill(words.cli.approved, { host, id: change.id })}\n`);
    return STATUS.nothing;
  });
}

async function showChange(change: Change, { cli }: ChangeWords, settings: Settings, world: World): Promise<void> {
  const fixes = await loadFixWords(settings.language, settings.overrides);
  const { host, plan, revertMinutes: minutes, requester, reason } = change;
  const title = fixes.get(plan.fix)?.title ?? plan.fix;
  world.stderr.write(`${fill(cli.showsPlan, { host, title, minutes, who: requester.id, reason })}\n`);
  for (const { key, from, to } of plan.steps) world.stderr.write(`${neutralise(`  ${key}: ${from} -> ${to}`)}\n`);
}

async function agreed({ cli }: ChangeWords, { stdin, stderr }: World): Promise<boolean> {
  if (!stdin.isTTY) throw new UsageError(cli.noTerminal);
  const answer = await confirm({ message: cli.confirm, initialValue: false, input: stdin, output: stderr });
  const yes = !isCancel(answer) && answer;
  if (!yes) stderr.write(`${cli.notApproved}\n`);
  return yes;
}
