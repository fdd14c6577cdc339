/** Kernel builds under way, and how far they are. */
import type { Change, WorkProgress } from '#domain/change.ts';
import { progressText } from '#render/kind-card.ts';
import { fill } from '#render/words.ts';
import { changeHeadline } from './change-card.ts';
import { messageOf, type SlackMessage, type SlackVoice } from './message.ts';
import { who } from './names.ts';
import { bold, bullets, code, line, type Piece, plain } from './rich.ts';

export interface ShownBuild {
  readonly change: Change;
  readonly progress: WorkProgress;
}

const MOST = 20;

export function kernelStatus(builds: readonly ShownBuild[], voice: SlackVoice): SlackMessage {
  const { kernel } = voice.slack;
  if (builds.length === 0) return messageOf(kernel.none, line(plain(kernel.none)));
  const title = fill(kernel.status, { n: builds.length });
  return messageOf(title, line(bold(title)), bullets(builds.slice(0, MOST).map((build) => item(build, voice))));
}

function item({ change, progress }: ShownBuild, voice: SlackVoice): readonly Piece[] {
  const said = progressText(change, progress.line, voice.kinds, voice.change);
  return [
    ...plain(`${changeHeadline(change, voice)}  `),
    ...code(change.id),
    ...plain(said === '' ? '' : `  ${said}`),
    ...plain(`  ${voice.change.status.line}`),
    ...who(change.requester),
  ];
}
