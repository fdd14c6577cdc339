/** `tcp-oncall kernel status [host or change]`: how far builds are, what their gates wait for, and until when. */
import type { Changes } from '#app/change-ports.ts';
import { listChanges } from '#app/list-changes.ts';
import { kindOf } from '#app/transition.ts';
import type { Kinds } from '#change/kind.ts';
import { type Change, parseChangeId, type WorkProgress } from '#domain/change.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import { progressText, stageSentence } from '#render/kind-card.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { gateLines } from './kernel-gates.ts';
import { type KernelVoice, kernelVoice } from './kernel-voice.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { minuteOf } from './show-change.ts';
import { findTarget } from './target.ts';

interface Build {
  readonly change: Change;
  readonly progress: WorkProgress;
}

/** Of one host, the newest ones; also those that are over. */
const MOST = 5;

export async function showBuilds({ given: [typed], options, session }: Call<{ json?: boolean }>): Promise<Status> {
  const voice = await kernelVoice(session);
  const kinds = await session.kinds.kinds();
  await using tools = await session.openChanges(session.config);
  const { changes } = tools.store;
  const found = typed === undefined ? (await listChanges(tools.store)).active : await named(typed, changes, session);
  const builds = await Promise.all(
    found.filter(({ kind }) => kind === KERNEL).map((change) => looked(change, changes)),
  );
  const document = { schema: 'tcp-oncall.kernel-builds/1', builds };
  const text = options.json ? neutralJson(document) : buildsText(builds, kinds, voice, session);
  session.stdout.write(`${text}\n`);
  return STATUS.nothing;
}

/** Throws where no change and no host has that name. */
async function named(typed: string, changes: Changes, session: Session): Promise<readonly Change[]> {
  const host = (await session.inventory()).recognise(typed);
  const id = host === undefined ? parseChangeId(typed) : undefined;
  const change = id && (await changes.find(id));
  if (change !== undefined) return [change];
  const ofHost = await changes.ofHost(host ?? typed, MOST);
  if (ofHost.length === 0) await findTarget(typed, session);
  return ofHost;
}

async function looked(change: Change, changes: Changes): Promise<Build> {
  return { change, progress: await changes.progressOf(change) };
}

function buildsText(builds: readonly Build[], kinds: Kinds, voice: KernelVoice, { stdout, env }: Session): string {
  const { width } = screenOf(stdout, env);
  if (builds.length === 0) return wrapLines(voice.change.cli.kernel.none, width);
  return builds
    .map((build) => buildLines(build, kinds, voice).map((line) => wrapLines(neutralise(line), width)))
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function buildLines({ change, progress }: Build, kinds: Kinds, voice: KernelVoice): readonly string[] {
  const { cli } = voice.change;
  const { id, plan, requester, reason } = change;
  const title = kindOf(change, kinds).title(plan);
  const said = progressText(change, progress.line, voice.kinds, voice.change);
  const since = progress.silentSince;
  return [
    `${id}  ${stageSentence(change, voice.kinds, voice.change)}`,
    `  ${fill(cli.showsPlan, { host: change.host, title, who: requester.id, reason })}`,
    ...(said === '' ? [] : [`  ${said}`]),
    ...(since === null ? [] : [`  ${fill(cli.kernel.silent, { at: minuteOf(since) })}`]),
    ...gateLines(change, kinds, cli.kernel.gates).map((line) => `  ${line}`),
  ];
}
