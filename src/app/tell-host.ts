/** Tells the host of a gate something, and brings the change to what it answers. */
import { openBound } from '#change/bound.ts';
import { isStale } from '#change/due.ts';
import { type Approved, type Deed, gateSpec, type Observation, type Order } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import { failureText } from '#domain/change-failure.ts';
import { type CommandResult, neverRan } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { keepFiles } from './keep-files.ts';
import { whyNotBegin } from './may-begin.ts';
import { beginAgain, take } from './take-answer.ts';
import { kindOf } from './transition.ts';

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
  if (deed === 'begin' && neverRan(answer) && isAway(answer) && isPatient(change, tools))
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

function isPatient(change: Change, { kinds }: AdvanceTools): boolean {
  const { state } = change;
  const spec = state.kind === 'ended' ? undefined : gateSpec(kindOf(change, kinds), change, state.gate);
  return spec !== undefined && spec.patience > 0;
}

/** A way back is told again when it is asked: for some minutes the order of before may be on its way, and what refuses this one is no end. */
function doubted(change: Change, deed: Deed, said: Observation, now: Date): Observation {
  const isEnd = said.kind !== 'refused' || change.reverts === null || deed !== 'look' || isStale(change, now);
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
