/** From a check and a look at both hosts to the plan of a kernel build, or to all that stands in its way. Pure. */
import type { Notice } from '#domain/check.ts';
import { type Facts, named, rows } from '#domain/fact.ts';
import type { Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import { chooseSource, recipeOf } from './choose-source.ts';
import { kernelEvidence } from './evidence.ts';
import { isNoLonger } from './measured.ts';
import { type KernelPlan, readPlan } from './plan.ts';
import { type Aim, refusalsOf, warningsOf } from './preflight.ts';
import { type BuilderFacts, readBuilder, readTarget, type TargetFacts } from './preflight-answer.ts';

/** What the check came to; `target` and `builder` are the answers to preflightOrder, with the words that frame them. */
export interface Looked {
  readonly report: Pick<Report, 'verdicts'>;
  readonly proposals: readonly Proposal[];
  readonly target: FramedAnswer;
  readonly builder: FramedAnswer;
}

export interface FramedAnswer {
  readonly text: string;
  readonly word: string;
}

export type MadePlan =
  | { readonly kind: 'planned'; readonly plan: KernelPlan; readonly warnings: readonly Notice[] }
  | { readonly kind: 'refused'; readonly why: readonly Notice[] };

export function makePlan(aim: Aim, { report, proposals, ...looked }: Looked): MadePlan {
  const target = readTarget(looked.target.text, looked.target.word);
  const builder = readBuilder(looked.builder.text, looked.builder.word);
  if (target === undefined || builder === undefined)
    return { kind: 'refused', why: [...cutOff(aim.host, target), ...cutOff(aim.builder, builder)] };
  const evidence = kernelEvidence({ verdicts: report.verdicts, proposals, target });
  const why = [...refusalsOf(aim, target, builder), ...alreadySo(aim, evidence)];
  if (why.length > 0) return { kind: 'refused', why };
  const warnings = warningsOf(aim, target, builder);
  const plan = readPlan(planFields(aim, target, builder, { ...evidence, warnings: warningRows(warnings) }));
  // Each part was judged, and a host that says what the plan cannot hold has said nothing of use.
  return 'plan' in plan
    ? { kind: 'planned', plan: plan.plan, warnings }
    : { kind: 'refused', why: [{ code: 'unread', details: { host: aim.host, detail: plan.why } }] };
}

function cutOff(host: string, facts: TargetFacts | BuilderFacts | undefined): readonly Notice[] {
  return facts === undefined ? [{ code: 'preflight-cut-off', details: { host } }] : [];
}

/** A timer shows up to a second less than the length it began with. */
function alreadySo({ host, seconds }: Aim, { length }: Facts): readonly Notice[] {
  const measured = length !== undefined && 'value' in length ? length.value : null;
  const isSo = typeof measured === 'number' && measured > seconds - 1 && isNoLonger(measured, seconds);
  return isSo ? [{ code: 'already', details: { host, seconds: String(seconds) } }] : [];
}

function planFields(aim: Aim, target: TargetFacts, builder: BuilderFacts, facts: Facts): unknown {
  const chosen = chooseSource(target, builder, aim.url);
  const recipe = recipeOf(target);
  return {
    host: aim.host,
    builder: aim.builder,
    risk: 'high',
    seconds: aim.seconds,
    recipe,
    release: target.release,
    arch: target.arch,
    source: chosen.kind === 'source' ? chosen.source : null,
    config: aim.config,
    configSha: recipe === 'deb' ? target.config : null,
    modules: aim.config === 'modules' ? target.modules : [],
    missing: builder.missing,
    facts,
  };
}

/** So that those who decide read them too. */
function warningRows(warnings: readonly Notice[]) {
  const list = warnings.map(({ code, details }) => ({
    code: named(code, 'preflight'),
    ...Object.fromEntries(Object.entries(details).map(([name, value]) => [name, named(value, 'preflight')])),
  }));
  return rows(list, 'preflight');
}
