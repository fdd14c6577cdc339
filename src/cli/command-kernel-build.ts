/** `tcp-oncall kernel build <host> timewait=15`: the same request as in Slack. The bot checks both hosts, and asks for the change. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beside } from '#app/beside.ts';
import { type KernelAsked, type KernelRequested, requestKernel } from '#app/request-kernel.ts';
import type { AskedFor, Check, CheckId } from '#domain/check.ts';
import { hasEnded } from '#domain/check.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { type Acting, type ActOptions, act, agreed, refusal } from './act.ts';
import { sayError, sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { noticeLines } from './kernel-voice.ts';
import { type Wanted, type WantedOptions, wantedOf } from './kernel-wanted.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { told } from './show-change.ts';

interface BuildOptions extends ActOptions, WantedOptions {
  readonly reason?: string;
}

const LOOK_EVERY_MS = 500;
/** After a check's deadline the bot ends it within seconds; without a bot nothing does. */
const PATIENCE_MS = 15_000;

/** Shows what is wanted, asks, requests it, and waits for what comes of it. Status 1 when the answer is no. */
export function requestBuild(call: Call<BuildOptions>): Promise<Status> {
  const { given, options, session } = call;
  const [typed = '', seconds] = given as readonly [string?, number?];
  return act(call, async (acting) => {
    const { words, actor } = acting;
    const wanted = await wantedOf(typed, seconds ?? Number.NaN, options, words, session);
    const { reason = '' } = options;
    say([fill(words.cli.kernel.wanted, { ...wanted, who: actor.id, reason })], session);
    if (!(await agreed(words.cli.kernel.question.build, options, acting, session))) return STATUS.findings;
    const run = await requested(wanted, reason, acting, session);
    say([fill(words.cli.kernel.checking, { ...wanted, id: run.id })], session);
    return ended(await outcome(run, acting, session), wanted, acting, options.json ?? false, session);
  });
}

async function requested(wanted: Wanted, reason: string, acting: Acting, { language }: Session): Promise<Check> {
  const { actor, person, tools, checks } = acting;
  const place = await placeOf(wanted.host, acting);
  const asked: KernelAsked = { ...wanted, key: `terminal ${randomUUID()}`, reason, actor, person, place, language };
  const answer = await requestKernel(asked, { ...tools, queue: checks });
  if (answer.kind === 'refused') throw notAsked(answer, wanted, acting);
  const { run } = answer.requested;
  await tools.announce({ kind: 'check', id: run.id }, 'soon');
  return run;
}

/** In Slack it is shown where the newest check of the host is; else only the terminal and the bot's home have it. */
async function placeOf(host: string, { tools }: Acting): Promise<KernelAsked['place']> {
  const [newest] = await tools.reports.ofHost(host, 1);
  const card = newest && (await beside({ kind: 'check', id: newest.id }, tools.cards));
  return card?.place ?? null;
}

function notAsked({ why }: Extract<KernelRequested, { kind: 'refused' }>, { host }: Wanted, acting: Acting): Error {
  return refusal(why, acting, { host });
}

/** Undefined when nobody carries it out; `interrupted`: it goes on without us. */
async function outcome({ id, deadline }: Check, { tools }: Acting, { signal }: Session) {
  const until = deadline.getTime() + PATIENCE_MS;
  for (;;) {
    const run = await tools.runs.find(id as CheckId);
    if (run === undefined || hasEnded(run)) return run;
    if (Date.now() > until) return undefined;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return 'interrupted' as const;
  }
}

async function ended(
  run: Check | 'interrupted' | undefined,
  wanted: Wanted,
  acting: Acting,
  json: boolean,
  session: Session,
): Promise<Status> {
  const { kernel } = acting.words.cli;
  if (run === 'interrupted') {
    say([fill(kernel.goesOn, { ...wanted })], session);
    return STATUS.interrupted;
  }
  const { state } = run ?? { state: { kind: 'lost' } as const };
  if (state.kind === 'failed') return sayFailure(state.failure, await session.words(), json, session);
  if (state.kind !== 'reported' || state.asked === null) {
    const message = fill(state.kind === 'lost' ? kernel.noWorker : kernel.noResult, { ...wanted });
    sayError({ error: state.kind, message, next: '' }, json, session);
    return STATUS.unchecked;
  }
  return answered(state.asked, wanted, acting, json, session);
}

async function answered(
  asked: AskedFor,
  wanted: Wanted,
  acting: Acting,
  json: boolean,
  session: Session,
): Promise<Status> {
  const { words, kindCards: kinds, tools } = acting;
  const lines = noticeLines(asked.kind === 'proposed' ? asked.warnings : asked.why, wanted, { change: words, kinds });
  say(asked.kind === 'refused' ? [fill(words.cli.kernel.refused, { ...wanted }), ...lines] : lines, session);
  if (asked.kind === 'refused') {
    if (json) session.stdout.write(`${neutralJson({ schema: 'tcp-oncall.kernel-request/1', ...asked })}\n`);
    return STATUS.findings;
  }
  const change = await tools.changes.find(asked.change);
  if (change === undefined) throw refusal('unknown-change', acting);
  return told(words.cli.did.propose, change, acting, json, session);
}

function say(lines: readonly string[], { stderr, env }: Session): void {
  const { width } = screenOf(stderr, env);
  for (const line of lines) stderr.write(`${wrapLines(neutralise(line), width)}\n`);
}
