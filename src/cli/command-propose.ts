/** `tcp-oncall propose <host> <fix>`: asks for a fix, from the newest check that the bot has of the host. */
import { randomUUID } from 'node:crypto';
import { beside } from '#app/beside.ts';
import type { StoredReport } from '#app/check-ports.ts';
import { targetOf } from '#app/decide-ports.ts';
import { proposeFix } from '#app/propose-fix.ts';
import { fixIds, loadFixWords } from '#catalogue.ts';
import { ruleFor } from '#change/policy.ts';
import { signApproval } from '#change/signature.ts';
import { nearestNames } from '#domain/nearest.ts';
import { SYSCTL } from '#kinds/sysctl/kind.ts';
import { refusalText } from '#render/refusal-text.ts';
import { fill } from '#render/words.ts';
import { type Acting, type ActOptions, act, agreed, refusal } from './act.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import type { Session } from './session.ts';
import { showPlan, told } from './show-change.ts';
import { findTarget } from './target.ts';

interface ProposeOptions extends ActOptions {
  readonly minutes?: number;
  readonly reason?: string;
  /** Break-glass. */
  readonly alone?: boolean;
}

/** Shows the plan, asks, and proposes. Status 1 when the answer is no. */
export function propose(call: Call<ProposeOptions>): Promise<Status> {
  const { options, session } = call;
  const [typed = '', fix = ''] = call.given;
  return act(call, async (acting) => {
    const { actor, person, tools, words, privateKey } = acting;
    const { name: host } = await findTarget(typed, session);
    const [newest] = await tools.reports.ofHost(host, 1);
    if (newest === undefined) throw refusal('no-report', acting, { host });
    const plan = await planIn(newest, fix, acting, session);
    const { reason = '', alone = false } = options;
    const rule = ruleFor(tools.policy, targetOf({ kind: SYSCTL, host, plan }, tools));
    if (rule === undefined) throw refusal('no-rule', acting, { host });
    const { minutes = rule.revertMinutes } = options;
    showPlan({ kind: SYSCTL, plan, reverts: null, revertMinutes: minutes, requester: actor, reason }, acting, session);
    if (!(await agreed(alone ? words.cli.question.alone : words.cli.question.propose, options, acting, session)))
      return STATUS.findings;
    const asking = {
      key: `terminal ${randomUUID()}`,
      requester: actor,
      person,
      revertMinutes: minutes,
      reason,
      breakGlass: alone,
      sign: privateKey === null ? undefined : (text: string) => signApproval(text, privateKey),
      card: await beside({ kind: 'check', id: newest.id }, tools.cards),
    };
    const proposed = await proposeFix({ run: newest.id, fix }, asking, tools);
    if (proposed.kind === 'refused') throw refusal(proposed.why, acting, { host, ...proposed.details });
    return told(alone ? words.cli.did.alone : words.cli.did.propose, proposed.change, acting, options.json, session);
  });
}

async function planIn(
  { report: { host }, proposals = [] }: StoredReport,
  fix: string,
  acting: Acting,
  { language, overrides }: Session,
) {
  const { words } = acting;
  const found = proposals.find((each) => (each.kind === 'plan' ? each.plan.fix : each.fix) === fix);
  if (found?.kind === 'plan') return found.plan;
  if (found?.kind === 'refused')
    throw new UsageError(
      refusalText(found, { language, change: words, fixes: await loadFixWords(language, overrides) }),
    );
  const ids = await fixIds();
  if (ids.includes(fix)) throw refusal('no-plan', acting, { host });
  throw new UsageError(fill(words.cli.unknownFix, { name: fix, host, nearest: nearestNames(fix, ids)[0] ?? '' }));
}
