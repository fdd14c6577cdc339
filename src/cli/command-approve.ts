/** `tcp-oncall approve <change>`: an approval outside Slack, signed where its giver has a key. What is signed is what is shown. */
import { confirm, isCancel } from '@clack/prompts';
import { approve as approveGate, openText } from '#app/approve.ts';
import { hashOf } from '#change/bound.ts';
import { signApproval } from '#change/signature.ts';
import { type Change, parseChangeId, trialOf } from '#domain/change.ts';
import { cardOf } from '#render/kind-card.ts';
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

export function approve(typed: string, options: ApproveOptions, settings: Settings, world: World): Promise<Status> {
  return act(options, settings, world, async (acting) => {
    const { tools, words, privateKey } = acting;
    const id = parseChangeId(typed);
    const change = id && (await tools.changes.find(id));
    if (change === undefined) throw refusal('unknown-change', acting);
    const text = openText(change, tools) ?? '';
    await showChange(change, text, words, settings, world);
    if (!options.yes && !(await agreed(words, world))) return STATUS.findings;
    const signature = privateKey && text !== '' ? signApproval(text, privateKey) : null;
    const given = { ...acting, seen: hashOf(text), trial: trialOf(change) !== undefined, signature };
    const decision = await approveGate(change.id, given, tools);
    const { host } = change;
    if (decision.kind === 'refused') throw refusal(decision.why, acting, { host, id: change.id });
    world.stdout.write(`${fill(words.cli.approved, { host, id: change.id })}\n`);
    return STATUS.nothing;
  });
}

/** The text that is signed comes last, line by line. */
async function showChange(
  change: Change,
  text: string,
  { cli }: ChangeWords,
  { language, overrides }: Settings,
  { kinds, stderr }: World,
): Promise<void> {
  const { host, plan, revertMinutes: minutes, requester, reason } = change;
  const { title, steps } = cardOf(change, await kinds.cards(language, overrides)).plan(plan);
  stderr.write(`${fill(cli.showsPlan, { host, title, minutes, who: requester.id, reason })}\n`);
  for (const step of steps) stderr.write(`${neutralise(`  ${step.name}: ${step.text}`)}\n`);
  for (const line of text.trimEnd().split('\n')) stderr.write(`${neutralise(`  | ${line.replaceAll('\t', ' ')}`)}\n`);
}

async function agreed({ cli }: ChangeWords, { stdin, stderr }: World): Promise<boolean> {
  if (!stdin.isTTY) throw new UsageError(cli.noTerminal);
  const answer = await confirm({ message: cli.confirm, initialValue: false, input: stdin, output: stderr });
  const yes = !isCancel(answer) && answer;
  if (!yes) stderr.write(`${cli.notApproved}\n`);
  return yes;
}
