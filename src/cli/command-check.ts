/** `tcp-oncall check <host>`: the one this program is for. */
import { type CheckOutcome, checkHost, judgeHere } from '#app/check-host.ts';
import { findDrift } from '#app/find-drift.ts';
import { offersFrom } from '#app/offer-fixes.ts';
import { prepareRecording, writeRecording } from '#app/recording.ts';
import { loadFixes } from '#catalogue.ts';
import type { Host } from '#domain/host.ts';
import { readTime } from '#domain/interval.ts';
import type { KernelDrift, Report } from '#domain/report.ts';
import { type VerdictDocument, type Vocabulary, wordReport } from '#render/document.ts';
import { neutralise } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import { complain, sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { type Status, UsageError } from './failure.ts';
import { type ProgressLine, progressLine } from './progress.ts';
import type { Session } from './session.ts';
import { loadVocabulary, showReport } from './show-report.ts';
import { findTarget } from './target.ts';
import type { World } from './world.ts';

export interface CheckOptions {
  /** Whole seconds. */
  readonly interval: number;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly raw?: string;
}

/** What was typed behind the host is a time; without one, --interval counts. */
export async function check({
  given: [name = '', time],
  options: asked,
  session,
}: Call<CheckOptions>): Promise<Status> {
  // An empty list where there is none: commander parses no words that are not there.
  const options = time?.length ? { ...asked, interval: await intervalOf(time, session) } : asked;
  const host = await findTarget(name, session);
  if (options.raw !== undefined) await prepareRecording(options.raw);
  const vocabulary = awaitedLater(loadVocabulary(session));
  const fixes = awaitedLater(loadFixes());
  const outcome = await runCheck(host, options, vocabulary, session);
  return end(outcome, await vocabulary, await fixes, options, session);
}

async function intervalOf(text: string, session: Session): Promise<number> {
  const time = readTime(text.split(/\s+/));
  if (time.kind === 'interval') return time.seconds;
  const { errors } = await session.cliWords();
  const facts = { command: 'tcp-oncall check', word: '[time]', given: neutralise(time.word) };
  throw new UsageError(fill(errors[time.kind === 'bad' ? 'bad-interval' : 'several-hosts'], facts));
}

/** Connects first: rules and pages are loaded while the host answers. */
async function runCheck(
  host: Host,
  { interval }: CheckOptions,
  vocabulary: Promise<Vocabulary>,
  session: Session,
): Promise<CheckOutcome> {
  using progress = progressLine(host.name, await session.words(), session);
  progress.show({ kind: 'connecting' });
  await using pool = await session.openPool(session.config);
  const catalogue = awaitedLater(session.catalogue());
  const sources = await session.sources();
  const judge = judgeHere(sources, catalogue);
  const tools = { run: pool.run, sources, judge, now: () => new Date() };
  return await checkHost({ host, interval, signal: session.signal }, tools, {
    onProgress: progress.show,
    onFirstReport: (report) => void awaitedLater(vocabulary.then((loaded) => sayFirst(report, loaded, progress))),
  });
}

/** What goes wrong is said where the promise is awaited, not as an unhandled rejection before. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The findings of the first sample, at once: who is on call need not wait for the second to start. */
function sayFirst(report: Report, vocabulary: Vocabulary, progress: ProgressLine): void {
  const { severity: labels, progress: lines } = vocabulary.words;
  const findings = wordReport(report, vocabulary).verdicts.filter(isHeadline);
  if (findings.length === 0) progress.say(lines.soFarNothing);
  for (const { severity, title } of findings)
    progress.say(fill(lines.soFar, { severity: labels[severity ?? 'info'], title }));
}

function isHeadline({ verdict, causedBy }: VerdictDocument): boolean {
  return verdict === 'found' && causedBy === null;
}

async function end(
  outcome: CheckOutcome,
  vocabulary: Vocabulary,
  fixes: Awaited<ReturnType<typeof loadFixes>>,
  options: CheckOptions,
  session: Session,
): Promise<Status> {
  if (outcome.kind === 'failed') return sayFailure(outcome.failure, vocabulary.words, options.json ?? false, session);
  const { samples } = outcome;
  const report = { ...outcome.report, drift: await lookUpDrift(outcome.report, session) };
  const offers = offersFrom(report, samples, fixes, { sources: await session.sources() });
  const status = await showReport(report, vocabulary, offers, options, session);
  return options.raw === undefined ? status : ((await saveRaw(options.raw, outcome, session)) ?? status);
}

/** As the bot's Redis has it, where there is one: a check does not fail for want of it. */
async function lookUpDrift(report: Report, { config, openChanges }: Session): Promise<KernelDrift | null> {
  if (config.changes.policy.rules.length === 0) return null;
  try {
    await using tools = await openChanges(config);
    return await findDrift(report, tools.store.changes);
  } catch {
    return null;
  }
}

/** The report is out already: what goes wrong here goes to stderr only. */
async function saveRaw(
  dir: string,
  outcome: Extract<CheckOutcome, { kind: 'report' }>,
  world: World,
): Promise<Status | undefined> {
  const { host, startedAt, interval } = outcome.report;
  const meta = { host, startedAt: startedAt.toISOString(), interval, version: world.version };
  try {
    await writeRecording(dir, { samples: outcome.samples, meta });
    return undefined;
  } catch (error) {
    return complain(error, false, world);
  }
}
