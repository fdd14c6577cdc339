/** `tcp-oncall plan <host> [fix]`: what a fix would write, what that is predicted to do, and why others are not offered. */
import { judgeHere } from '#app/check-host.ts';
import { type Planned, planHost } from '#app/plan-host.ts';
import { type SortedProposals, sortProposals } from '#app/sort-proposals.ts';
import { loadDiagnoses, loadFixes, loadFixWords, loadWordings } from '#catalogue.ts';
import { nearestNames } from '#domain/nearest.ts';
import type { Blocked, Plan, Proposal } from '#domain/plan.ts';
import type { Vocabulary } from '#render/document.ts';
import { type FixWords, fillFix } from '#render/fix-words.ts';
import { neutralJson } from '#render/neutral.ts';
import { blockedText, refusalText } from '#render/refusal-text.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { stepSentences } from '#render/step-sentences.ts';
import { unreadySentence } from '#render/unready-sentence.ts';
import { fill, type Words } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { progressLine } from './progress.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { findTarget } from './target.ts';
import type { World } from './world.ts';

interface PlanOptions {
  readonly json?: boolean;
  /** Seconds between the two samples. */
  readonly interval: number;
}

type PlannedHost = Extract<Planned, { kind: 'planned' }>;

interface Voice {
  readonly language: Session['language'];
  readonly words: Words;
  readonly change: ChangeWords;
  readonly fixes: ReadonlyMap<string, FixWords>;
  readonly pages: Vocabulary['pages'];
}

export async function plan({ given: [name = '', fix], options, session }: Call<PlanOptions>): Promise<Status> {
  const { json = false, interval } = options;
  const host = await findTarget(name, session);
  const { language, overrides } = session;
  const [words, change, texts, pages, all] = await Promise.all([
    session.words(),
    session.changeWords(),
    loadFixWords(language, overrides),
    loadWordings(language, overrides),
    loadFixes(),
  ]);
  const fixes = all.filter(({ id }) => fix === undefined || id === fix);
  if (fixes.length === 0) {
    const nearest = nearestNames(fix ?? '', texts.keys())[0] ?? '';
    throw new UsageError(fill(change.cli.unknownFix, { name: fix ?? '', host: host.name, nearest }));
  }
  using progress = progressLine(host.name, words, session);
  progress.show({ kind: 'connecting' });
  await using pool = await session.openPool(session.config);
  const sources = await session.sources();
  const judge = judgeHere(sources, loadDiagnoses());
  const tools = { run: pool.run, sources, judge, now: () => new Date() };
  const planned = await planHost({ host, interval, signal: session.signal }, fixes, tools, progress.show);
  progress.clear();
  if (planned.kind === 'failed') return sayFailure(planned.failure, words, json, session);
  const { proposals, unready, report } = planned;
  if (json) {
    const document = { schema: 'tcp-oncall.plan/1', host: host.name, proposals, unready };
    session.stdout.write(`${neutralJson(document)}\n`);
  } else {
    const voice = { language, words, change, fixes: texts, pages };
    const cures = new Map(all.map(({ id, cures: ids }) => [id, ids]));
    const told =
      fix === undefined
        ? listTexts(name, sortProposals(proposals, report.verdicts, cures), voice)
        : proposals.map((one) => textOf(one, voice));
    write([...unreadyTexts(host.name, planned, voice), ...told], session);
  }
  return proposals.some(({ kind }) => kind === 'plan') ? STATUS.findings : STATUS.nothing;
}

/** Why the host would take nothing, or not all of it: each reason once. */
function unreadyTexts(host: string, { proposals, unready }: PlannedHost, voice: Voice): readonly string[] {
  const whys = [unready, ...proposals.map((one) => (one.kind === 'plan' ? one.unready : null))];
  return [...new Set(whys.flatMap((why) => (why ? [`${unreadySentence(why, host, voice.change)}\n`] : [])))];
}

/** The verdict, what applies, what is blocked and why that matters, and the rest as a number. */
function listTexts(host: string, sorted: SortedProposals, voice: Voice): readonly string[] {
  const { plans, blocked, unknown, notApplicable } = sorted;
  const { fixes: words } = voice.change;
  const count = fill(words.notApplicable, { n: notApplicable.length, command: 'tcp-oncall plan', host });
  return [
    `${fill(plans.length === 0 ? words.none : words.title, { host })}\n`,
    ...plans.map((one) => planText(one, voice)),
    ...(blocked.length === 0 ? [] : [words.blocked, ...blocked.map((one) => `  ${whyBlocked(one, voice)}`), '']),
    ...unknown.map((one) => whyNot(one, voice)),
    ...(notApplicable.length === 0 ? [] : [count]),
  ];
}

function write(texts: readonly string[], { stdout, env }: World): void {
  const { width } = screenOf(stdout, env);
  stdout.write(`${texts.map((text) => wrapLines(text, width)).join('\n')}\n`);
}

function textOf(proposal: Proposal, voice: Voice): string {
  return proposal.kind === 'plan' ? planText(proposal.plan, voice) : whyNot(proposal, voice);
}

function planText(plan: Plan, { language, change, fixes }: Voice): string {
  const words = fixes.get(plan.fix);
  if (words === undefined) return plan.fix;
  const say = (text: string) => fillFix(text, plan.facts, language);
  const steps = plan.steps.flatMap((step) => {
    const [live, ...more] = stepSentences(step, change);
    const where = step.scope === 'host' ? change.card.hostWide : '';
    return [`  ${step.key}${where}: ${live}`, ...more.map((text) => `    ${text}`)];
  });
  const also = words.also.map(say).filter((text) => text !== '');
  return [
    `${words.title} (${plan.fix}, ${plan.risk})`,
    ...steps,
    `  ${say(words.effect)}`,
    `  ${say(words.limits)}`,
    ...also.map((text) => `  -> ${text}`),
    `  ${change.modal.undo}`,
    '',
  ].join('\n');
}

function whyBlocked(blocked: Blocked, voice: Voice): string {
  return `${blocked.fix}: ${blockedText(blocked, voice.change.fixes.answers, voice.pages, voice)}`;
}

function whyNot(proposal: Exclude<Proposal, { kind: 'plan' }>, voice: Voice): string {
  if (proposal.kind === 'unknown') {
    const { code, what } = proposal.reason;
    const { words } = voice;
    return `${proposal.fix}: ${fill(words.unknown, { reason: fill(words.reasons[code].sentence, { what }) })}`;
  }
  return `${proposal.fix}: ${refusalText(proposal, voice)}`;
}
