/** People as a message names them. */
import type { Circle } from '#change/policy.ts';
import type { Change } from '#domain/change.ts';
import type { Actor } from '#domain/check.ts';
import { gateWords } from '#render/kind-card.ts';
import type { SlackVoice } from './message.ts';
import { type Piece, person, plain } from './rich.ts';

/** Who may open the gate, in the words of the kind; a group may hold the requester, who is not one of them. */
export function whoMay(
  change: Pick<Change, 'kind' | 'state' | 'gates'>,
  asked: Circle,
  { change: { card }, kinds }: SlackVoice,
): readonly (readonly Piece[])[] {
  const may = plain(gateWords(change, kinds)?.may ?? card.mayApprove);
  const names = circle(asked);
  if (names.length === 0) return [may, plain(card.nobodyElse)];
  return asked.userGroups.length === 0 ? [may, ...names] : [may, ...names, plain(card.notRequester)];
}

export function circle({ users, userGroups }: Circle): readonly (readonly Piece[])[] {
  const everybody: readonly (readonly Piece[])[] = [
    ...users.map((id) => person(id)),
    ...userGroups.map((id): readonly Piece[] => [{ type: 'usergroup', usergroup_id: id }]),
  ];
  return everybody.flatMap((pieces, index) => (index === 0 ? [pieces] : [plain(' '), pieces]));
}

/** Somebody of another surface has no name that Slack could show. */
export function who({ surface, id }: Actor): readonly Piece[] {
  return surface === 'slack' ? person(id) : plain(`${id} (${surface})`);
}
