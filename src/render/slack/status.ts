/** What is running and waiting, for whom, and whether anybody is there to run it. */
import type { Check } from '#domain/check.ts';
import { fill } from '#render/words.ts';
import { changesPart, type ShownChanges } from './changes-status.ts';
import { messageOf, type SlackMessage, type SlackVoice } from './message.ts';
import { bold, bullets, line, type Piece, person, plain } from './rich.ts';

export interface ShownStatus {
  readonly active: readonly Check[];
  readonly workers: number;
  readonly changes: Omit<ShownChanges, 'now'>;
  readonly now: Date;
}

const MOST = 40;

export function statusMessage({ active, workers, changes, now }: ShownStatus, voice: SlackVoice): SlackMessage {
  const { status, hosts } = voice.slack;
  const running = active.filter(({ state }) => state.kind === 'running').length;
  const title = fill(status.title, { running, waiting: active.length - running });
  const items = active.slice(0, MOST).map((run) => runItem(run, now, voice));
  return messageOf(
    title,
    line(bold(title)),
    items.length === 0 ? line(plain(status.none)) : bullets(items),
    ...(active.length > MOST ? [line(plain(fill(hosts.more, { n: active.length - MOST })))] : []),
    line(plain(workers === 0 ? status.noWorker : fill(status.counts, { workers }))),
    ...changesPart({ ...changes, now }, voice),
  );
}

/** Shown to one person alone, so that naming somebody calls nobody. */
export function runItem({ host, state, askedAt, actor }: Check, now: Date, { slack }: SlackVoice): readonly Piece[] {
  const stage = slack.status.stages[state.kind === 'running' ? state.stage : 'queued'];
  const seconds = Math.max(0, Math.round((now.getTime() - askedAt.getTime()) / 1000));
  return [...plain(fill(slack.status.line, { host, stage, seconds })), ...person(actor.id)];
}
