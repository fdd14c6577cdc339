/** The way to a runbook page: a link where the pages have an address, otherwise the command that shows it. */
import type { SlackVoice } from './message.ts';
import { code, link, type Piece } from './rich.ts';

export function runbook(id: string, { runbooks, slack, vocabulary }: SlackVoice): readonly Piece[] {
  const page = vocabulary.pages.get(id)?.address;
  return runbooks === null || page === undefined
    ? code(`/tcp explain ${id}`)
    : link(`${runbooks}/${page}`, slack.card.runbook);
}
