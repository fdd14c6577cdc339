/** What a check's card and thread say of the kernel build that is asked for on its evidence. */
import { type Check, hasEnded, type KernelWanted, type Notice } from '#domain/check.ts';
import { noticeText } from '#render/notice-text.ts';
import { fill } from '#render/words.ts';
import type { SlackVoice } from './message.ts';
import { bold, bullets, line, type Part, plain } from './rich.ts';

/** Nothing where nothing is asked for. */
export function askedForLines(run: Check, voice: SlackVoice): readonly Part[] {
  const { next, host, state } = run;
  if (next === null) return [];
  const { kernel } = voice.slack;
  const facts = { host, builder: next.builder, seconds: next.seconds };
  if (!hasEnded(run)) return [line(plain(fill(kernel.next, facts)))];
  const asked = state.kind === 'reported' ? state.asked : null;
  if (asked === null) return [line(bold(fill(kernel.notAsked, facts)))];
  if (asked.kind === 'refused')
    return [line(bold(fill(kernel.refused, facts))), ...notices(asked.why, run, next, voice)];
  // What to bear in mind stands on the change's own card.
  return [line(plain(fill(kernel.proposed, { ...facts, id: asked.change })))];
}

function notices(
  list: readonly Notice[],
  { host }: Check,
  { builder }: KernelWanted,
  voice: SlackVoice,
): readonly Part[] {
  const said = list.map((each) => plain(noticeText(each, { host, builder }, voice)));
  return said.length === 0 ? [] : [bullets(said)];
}
