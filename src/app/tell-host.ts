/** Tells the host of a gate something, and brings the change to what it answers. */
import { openBound } from '#change/bound.ts';
import { isStale } from '#change/due.ts';
import type { Approved, Deed, Observation, Order } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import { failureText } from '#domain/change-failure.ts';
import { type CommandResult, neverRan } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { keepFiles } from './keep-files.ts';
import { whyNotBegin } from './may-begin.ts';
import { beginAgain, NEVER_BEGUN, take } from './take-answer.ts';
import { kindOf, patienceOf } from './transition.ts';

/** The host must be the one whose key people saw: another one under its name is told nothing. */
export async function tell(change: Change, host: Host, deed: Deed, tools: AdvanceTools): Promise<void> {
  const kind = kindOf(change, tools.kinds);
  const word = tools.word();
  const approved = (await isAllowed(change, host, deed, tools)) ? approvedOf(change, tools) : null;
  const wanted = kind.order(change, deed, word, approved);
  const hostKey = gateOf(change)?.hostKey;
  const { input, deadlineMs, maxBytes } = wanted;
  const answer = await tools.run(host, { input, deadlineMs, maxBytes, ...(hostKey != null && { hostKey }) });
  const now = tools.now();
  const said = doubted(change, deed, kind.observe(change, deed, answer, word, now), now);
  if (deed === 'begin' && neverRan(answer) && isAway(answer) && patienceOf(change, tools.kinds) > 0)
    return beginAgain(change, host.name, { code: answer.kind, detail: host.name }, tools);
  if (deed !== 'begin' || said.kind === 'done') await keepFiles(change, said, tools);
  await take(change, said, tools);
}

/** As the host would be told it now: what it is framed with is random, and chosen when it is. */
export function orderFor(change: Change, deed: Deed, tools: AdvanceTools): Order {
  return kindOf(change, tools.kinds).order(change, deed, '', approvedOf(change, tools));
}

/** No connection was to be had, or none that lasts: in a while there may be one. */
export function isAway({ kind }: CommandResult): boolean {
  return kind === 'unreachable' || kind === 'refused' || kind === 'connection-lost' || kind === 'timed-out';
}

/**
 * For some minutes the order of before may be on its way: that a host has not heard of it is no end, nor is what refuses a way
 * back, which is told again when it is asked. A host that knows nothing of what it has just been told to begin will not.
 */
function doubted(change: Change, deed: Deed, said: Observation, now: Date): Observation {
  if (deed === 'begin' && said.kind === 'not-begun') return { kind: 'refused', failure: NEVER_BEGUN };
  if (deed !== 'look' || isStale(change, now)) return said;
  if (said.kind === 'not-begun') return { kind: 'unclear', why: NEVER_BEGUN.code, isWord: false };
  const isEnd = said.kind !== 'refused' || change.reverts === null;
  return isEnd ? said : { kind: 'unclear', why: failureText(said.failure), isWord: false };
}

/** To look may be to tell again: then it is asked again, except that the time to begin may be over. */
async function isAllowed(change: Change, host: Host, deed: Deed, tools: AdvanceTools): Promise<boolean> {
  if (deed === 'begin' || change.reverts === null) return true;
  const why = await whyNotBegin(change, host, tools);
  return why === undefined || why === 'expired';
}

/** What the approvals of the gate are for: the host may verify the signatures itself. */
function approvedOf(change: Change, { kinds }: AdvanceTools): Approved {
  const text = openBound(kindOf(change, kinds), change);
  const signatures = (gateOf(change)?.approvals ?? []).flatMap(({ signature }) => signature ?? []);
  return { text: text ?? '', signatures };
}
