/** The way to a runbook page: a link where the pages have an address, otherwise the command that shows it. */
import type { SlackVoice } from './message.ts';
import { code, link, type Piece } from './rich.ts';

export function runbook(id: string, voice: SlackVoice): readonly Piece[] {
  const address = runbookAddress(id, voice);
  return address === undefined ? code(`/tcp explain ${id}`) : link(address, voice.slack.card.runbook);
}

/** Undefined where no link could lead: then Slack would refuse the whole message. */
export function runbookAddress(id: string, { runbooks, vocabulary }: SlackVoice): string | undefined {
  const page = vocabulary.pages.get(id)?.address;
  return runbooks === null || page === undefined ? undefined : `${runbooks}/${page}`;
}
