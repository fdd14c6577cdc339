/** `tcp-oncall kernel log <change> [-f]`: the log of a build, from its host while the job is there, else as it was kept with the change. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Changes } from '#app/change-ports.ts';
import { commandFailure } from '#app/command-failure.ts';
import { followLog, type LogEnd } from '#app/follow-log.ts';
import type { Change, Gate } from '#domain/change.ts';
import type { CommandResult } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { neutralise } from '#render/neutral.ts';
import { fill, wordFailure } from '#render/words.ts';
import { sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { typedBuild } from './kernel-voice.ts';
import type { Session } from './session.ts';
import { findTarget } from './target.ts';

interface LogOptions {
  readonly follow?: boolean;
}

const AGAIN_MS = 1000;
/** As it is kept with the change. */
const LOG = 'log';
const LIMITS = { seconds: 30, kilobytes: 4096 } as const;

export async function showLog({ given: [typed], options, session }: Call<LogOptions>): Promise<Status> {
  await using opened = await session.openChanges(session.config);
  const { changes } = opened.store;
  const change = await typedBuild(typed, changes, session);
  if (await showKept(change, changes, session)) return STATUS.nothing;
  const gate = change.gates.find(({ name }) => name === 'build');
  if (gate === undefined) throw new UsageError(await noLog(change, session));
  const builder = await findTarget(gate.host, session);
  const end = await follow(change, builder, gate, options.follow ?? false, session);
  if (end.kind === 'no-log' && (await showKept(change, changes, session))) return STATUS.nothing;
  return told(end, change, builder, session);
}

/** It is kept when the build has ended, so it is whole. */
async function showKept({ id }: Change, changes: Pick<Changes, 'fileOf'>, session: Session): Promise<boolean> {
  const bytes = await changes.fileOf(id, LOG);
  if (bytes !== undefined) show(bytes.toString(), session);
  return bytes !== undefined;
}

async function follow(
  { id }: Change,
  builder: Host,
  { hostKey }: Gate,
  follows: boolean,
  session: Session,
): Promise<LogEnd> {
  await using pool = await session.openPool(session.config);
  const [words, { cli }] = [await session.words(), await session.changeWords()];
  const { signal, stderr } = session;
  return followLog(
    { id, builder, hostKey, follow: follows, signal },
    {
      run: pool.run,
      word: () => randomBytes(12).toString('hex'),
      show: (text) => show(text, session),
      pause: () => sleep(AGAIN_MS, undefined, { signal }).catch(() => {}),
      onSilence: (result) => {
        const { message } = wordFailure(words, failureOf(result, builder));
        stderr.write(`${neutralise(`${message} ${cli.kernel.again}`)}\n`);
      },
    },
  );
}

async function told(end: LogEnd, change: Change, builder: Host, session: Session): Promise<Status> {
  if (end.kind === 'failed') return sayFailure(failureOf(end.result, builder), await session.words(), false, session);
  if (end.kind === 'no-log') throw new UsageError(await noLog(change, session));
  if (end.kind === 'unreadable') {
    const { cli } = await session.changeWords();
    session.stderr.write(`tcp-oncall: ${fill(cli.kernel.badLog, { host: builder.name })}\n`);
    return STATUS.unchecked;
  }
  return session.signal.aborted ? STATUS.interrupted : STATUS.nothing;
}

function failureOf(result: CommandResult, builder: Host) {
  return commandFailure(result, builder, LIMITS.seconds, LIMITS.kilobytes);
}

async function noLog({ id }: Change, session: Session): Promise<string> {
  return fill((await session.changeWords()).cli.kernel.noLog, { id });
}

/** A build prints what it likes: only its line ends are taken as they are. */
function show(text: string, { stdout }: Session): void {
  if (text !== '') stdout.write(text.split('\n').map(neutralise).join('\n'));
}
