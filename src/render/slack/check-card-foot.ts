/** The foot of a card: the buttons that work now, and what report this is. Buttons carry nothing but the run's id. */
import type { Button, KnownBlock } from '@slack/web-api';
import { hasEnded } from '#domain/check.ts';
import { fill } from '#render/words.ts';
import { actions, button, confirmation } from './elements.ts';
import { fixButtons } from './fixes-list.ts';
import type { SlackVoice } from './message.ts';
import type { ShownCheck } from './shown-check.ts';

export function cardFoot(shown: ShownCheck, voice: SlackVoice): KnownBlock[] {
  return [...actions(buttons(shown, voice)), context(shown, voice)];
}

/** More are behind /tcp fix. */
const MOST_FIXES = 3;

function buttons({ run, report, fixes, kernel = false }: ShownCheck, voice: SlackVoice): Button[] {
  const { buttons: words } = voice.slack;
  if (!hasEnded(run)) {
    const confirm = { ...confirmation(voice.slack.confirmCancel), style: 'danger' } as const;
    return [button('cancel-check', words.cancel, run.id, { style: 'danger', confirm })];
  }
  const again = button('check-again', words.again, run.id);
  if (report === null) return [again];
  const offered = fixButtons(run.id, fixes.slice(0, MOST_FIXES), voice);
  const last = kernel ? [button('kernel:open', voice.slack.kernel.button, run.id)] : [];
  return [...offered, ...last, again, button('full-report', words.full, run.id)];
}

/** Slack's own markup, over nothing that a host or a person wrote. */
function context({ run, report, askedBy }: ShownCheck, { slack: { card } }: SlackVoice): KnownBlock {
  const at = report?.startedAt ?? run.askedAt;
  const fallback = at.toISOString().replace(/T(..:..).*/, ' $1 UTC');
  const parts = [
    fill(card.report, { id: run.id }),
    `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} {time}|${fallback}>`,
    report?.samples === 1 ? card.oneSample : fill(card.twoSamples, { seconds: run.interval }),
    // An edit notifies nobody, a new message would.
    ...(hasEnded(run) ? [fill(card.askedBy, { who: `<@${askedBy}>` })] : []),
    ...(run.actor.id === askedBy ? [] : [fill(card.sharedWith, { who: `<@${run.actor.id}>` })]),
  ];
  return { type: 'context', elements: [{ type: 'mrkdwn', text: parts.join('  ·  ') }] };
}
