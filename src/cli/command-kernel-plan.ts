/** `tcp-oncall kernel plan <host> timewait=15`: what a build would be and whether it can be, over the terminal's own SSH. Nobody is asked. */
import { judgeHere } from '#app/check-host.ts';
import { planHost } from '#app/plan-host.ts';
import { type KernelPlanned, planKernel } from '#app/plan-kernel.ts';
import { loadDiagnoses, loadFixes } from '#catalogue.ts';
import type { Notice } from '#domain/check.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import { planOf } from '#render/kind-card.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { type KernelVoice, kernelVoice, noticeLines } from './kernel-voice.ts';
import { type Wanted, type WantedOptions, wantedOf } from './kernel-wanted.ts';
import { progressLine } from './progress.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { findTarget } from './target.ts';

interface PlanOptions extends WantedOptions {
  readonly json?: boolean;
  /** Seconds between the two samples. */
  readonly interval: number;
}

/** Status 1 when something stands in the way. */
export async function planBuild({ given, options, session }: Call<PlanOptions>): Promise<Status> {
  const [typed = '', seconds] = given as readonly [string?, number?];
  const { json = false } = options;
  const voice = await kernelVoice(session);
  const wanted = await wantedOf(typed, seconds ?? Number.NaN, options, voice.change, session);
  const words = await session.words();
  using progress = progressLine(wanted.host, words, session);
  progress.show({ kind: 'connecting' });
  const planned = await lookAndPlan(wanted, options.interval, session, progress.show);
  progress.clear();
  if (planned.kind === 'failed') return sayFailure(planned.failure, words, json, session);
  const document = { schema: 'tcp-oncall.kernel-plan/1', host: wanted.host, ...planned };
  const text = json ? neutralJson(document) : planText(planned, wanted, voice, session);
  session.stdout.write(`${text}\n`);
  return planned.kind === 'planned' ? STATUS.nothing : STATUS.findings;
}

async function lookAndPlan(
  wanted: Wanted,
  interval: number,
  session: Session,
  onProgress: ReturnType<typeof progressLine>['show'],
) {
  await using pool = await session.openPool(session.config);
  const { run } = pool;
  const sources = await session.sources();
  const { signal } = session;
  const request = { host: await findTarget(wanted.host, session), interval, signal };
  const judge = judgeHere(sources, loadDiagnoses());
  // The cheaper ways, whether they can be taken here.
  const looked = await planHost(request, await loadFixes(), { run, sources, judge, now: () => new Date() }, onProgress);
  if (looked.kind === 'failed') return looked;
  const findHost = (name: string) => findTarget(name, session);
  return planKernel(wanted, looked, signal, { run, findHost });
}

function planText(planned: KernelPlanned, wanted: Wanted, voice: KernelVoice, { stdout, env }: Session): string {
  const { width } = screenOf(stdout, env);
  const lines = planned.kind === 'planned' ? wholePlan(planned, wanted, voice) : whyNot(planned.why, wanted, voice);
  return lines.map((line) => wrapLines(neutralise(line), width)).join('\n');
}

function wholePlan(
  { plan }: Extract<KernelPlanned, { kind: 'planned' }>,
  wanted: Wanted,
  voice: KernelVoice,
): readonly string[] {
  const { title, steps, effects, also } = planOf({ kind: KERNEL, plan, reverts: null }, voice.kinds);
  return [
    `${wanted.host}: ${title}`,
    ...steps.map(({ name, text }) => `  ${name}: ${text}`),
    ...effects.map((effect) => `  ${effect}`),
    ...also.map((text) => `  -> ${text}`),
    '',
    fill(voice.change.cli.kernel.toRequest, { command: commandFor(wanted) }),
  ];
}

function whyNot(why: readonly Notice[], wanted: Wanted, voice: KernelVoice): readonly string[] {
  return [fill(voice.change.cli.kernel.inTheWay, { ...wanted }), ...noticeLines(why, wanted, voice)];
}

function commandFor({ host, seconds, builder, config, url }: Wanted): string {
  const options = [...(config === 'modules' ? ['--modules'] : []), ...(url === null ? [] : [`--url ${url}`])];
  return [`tcp-oncall kernel build ${host} timewait=${seconds} --on ${builder}`, ...options].join(' ');
}
