/** What can be done about a host, as buttons, and what cannot, with the reason. */
import type { Button, KnownBlock } from '@slack/web-api';
import type { Proposal, Refusal } from '#domain/plan.ts';
import { refusalText } from '#render/refusal-text.ts';
import { fill } from '#render/words.ts';
import { clip, notification, type SlackMessage, type SlackVoice } from './message.ts';
import { bold, bullets, code, line, plain, rich } from './rich.ts';

const LONGEST = 300;
/** Slack takes 25 buttons in a block. */
const MOST = 20;

export function fixesList(host: string, run: string, proposals: readonly Proposal[], voice: SlackVoice): SlackMessage {
  const { fixes: words } = voice.change;
  const planned = proposals.flatMap((proposal) => (proposal.kind === 'plan' ? [proposal.plan.fix] : []));
  const title = fill(planned.length === 0 ? words.none : words.title, { host });
  const unknown = proposals.flatMap((proposal) => (proposal.kind === 'unknown' ? [proposal.fix] : []));
  const refused = proposals.flatMap((proposal) => refusalItem(proposal, voice));
  const blocks: KnownBlock[] = [
    rich(line(bold(title))),
    ...(planned.length === 0
      ? []
      : [{ type: 'actions' as const, elements: fixButtons(run, planned.slice(0, MOST), voice) }]),
    rich(
      ...(refused.length === 0 ? [] : [line(bold(words.refused)), bullets(refused)]),
      ...(unknown.length === 0 ? [] : [line(plain(fill(words.unknown, { list: unknown.join(', ') })))]),
      line(plain(words.advice)),
    ),
  ];
  return { text: notification(title), blocks };
}

function refusalItem(proposal: Proposal, voice: SlackVoice) {
  if (proposal.kind !== 'refused') return [];
  return [[...code(proposal.fix), ...plain(`  ${refusalSentence(proposal, voice)}`)]];
}

export function refusalSentence(refusal: Refusal, voice: SlackVoice): string {
  return clip(refusalText(refusal, { ...voice, language: voice.vocabulary.language }), LONGEST, voice);
}

/** Their value names the check and the fix; whether this person may is asked when it is pressed. */
export function fixButtons(run: string, fixes: readonly string[], voice: SlackVoice): Button[] {
  return fixes.map((fix, index) => ({
    type: 'button',
    action_id: `fix:${index}`,
    value: `${run}.${fix}`,
    text: {
      type: 'plain_text',
      text: `${voice.change.buttons.fix}: ${voice.fixes.get(fix)?.title ?? fix}`.slice(0, 75),
    },
  }));
}
