/** What a card and its thread show of a change. */
import type { Circle } from '#change/policy.ts';
import type { Change, OrderedFreeze, WorkProgress } from '#domain/change.ts';

export interface ShownChange {
  readonly change: Change;
  /** Of the text that the open gate's approvals are bound to, or the last one's. */
  readonly hash: string;
  /** Who may approve the open gate; never the requester. */
  readonly approvers: Circle;
  /** Who may review it, where one person began it alone; never that one. */
  readonly reviewers: Circle;
  /** What an admin has frozen that its host is in. */
  readonly freezes: readonly OrderedFreeze[];
  /** How its work under way was last heard of. */
  readonly progress: WorkProgress;
  /** Until when its approved work may wait for its hosts; null = no gate is open. */
  readonly waitsUntil: Date | null;
  /** The open gate expires soon, and nobody has decided. */
  readonly closesSoon: boolean;
  /** The latest change that was to take this one back, whatever became of it. */
  readonly taker: Change | null;
}

/** How the way back of what was kept stands, as `card` words it: asked for, gone, or come to nothing. */
export function wayBackOf(taker: Change): 'takenBack' | 'goneBack' | 'notTakenBack' {
  if (taker.state.kind !== 'ended') return 'takenBack';
  return taker.state.end.how === 'done' ? 'goneBack' : 'notTakenBack';
}
