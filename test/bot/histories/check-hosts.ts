/** What hosts do is what the store says of them: while they do it, and when everything is over. */
import { decide } from '#change/decide.ts';
import type { AnyKind } from '#change/kind.ts';
import { type Change, type ChangeId, isOver, trialOf } from '#domain/change.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import { type SimHost, standingOf } from './hosts.ts';
import { ADMIN } from './people.ts';
import { holds, isGivenUp, KINDS, MINUTE, nowIn, type Scene } from './scene.ts';

/** Of the rules of `people.ts`. */
const LONGEST_MINUTES = 30;

/** A host does work only for a change that is being worked on, and has the host to itself. */
export function beganOn(scene: Scene, subject: ChangeId | null, host: SimHost, work: string): void {
  const { memory, reached, lost, log } = scene;
  const change = subject === null ? undefined : memory.changes.get(subject);
  if (change === undefined) throw new Error(`${host.name} does ${work} for no change`);
  const { id, state } = change;
  const name = change.reverts === null ? work : (change.gates[0]?.name ?? '');
  reached.set(id, (reached.get(id) ?? new Set()).add(name));
  if (isGivenUp(scene, change)) return;
  log.push(`  ${host.name} does ${work} of ${id}`);
  // Told to go back from its trial, which a late order has kept meanwhile.
  if (work === 'take-back' && change.reverts === null) {
    if (isOver(change)) lost.add(id);
    return;
  }
  // To a clock that is set forward, an order of a moment ago can be on its way no more.
  if (scene.hasJumped && change.kind === KERNEL) return;
  holds(scene, state.kind !== 'ended', `${host.name} does ${work} of ${id}, which is over`);
  const holder = memory.locks.get(host.name)?.change;
  holds(scene, holder === id, `${host.name} does ${work} of ${id}, which does not have it`);
}

/** Whatever is pressed, a trial lasts no longer than the most that any rule allows. */
export function checkLength(scene: Scene, host: SimHost, id: string): void {
  const standing = host.changes.get(id);
  if (standing?.kind !== 'trial' || scene.hasJumped) return;
  const minutes = (standing.until - standing.began) / MINUTE;
  holds(scene, minutes <= LONGEST_MINUTES + 2, `${id} is on trial for ${minutes} min`);
}

/** What is approved and finds its host taken is told by which change. */
export function checkWaits(scene: Scene, id: ChangeId): void {
  const { memory, counts } = scene;
  const { state, gates } = memory.changes.get(id) as Change;
  if (state.kind !== 'queued') return;
  const holder = memory.locks.get(gates[state.gate]?.host ?? '')?.change;
  if (holder === undefined || holder === id) return;
  counts.waited += 1;
  holds(scene, state.holder === holder, `${id} waits for ${holder}, and is told ${state.holder}`);
}

/** Whatever goes on, who may can send a trial back. */
export function checkWayBack(scene: Scene): void {
  for (const change of scene.memory.changes.values()) {
    const trial = trialOf(change);
    if (trial === undefined || trial.wish !== null) continue;
    const kind = KINDS.get(change.kind) as AnyKind;
    const back = decide(kind, change, { kind: 'wish', what: 'revert', by: ADMIN.actor }, nowIn(scene));
    holds(scene, back.kind === 'moved', `${change.id} is on trial and cannot be taken back`);
  }
}

export function checkEnds(scene: Scene): void {
  const { changes, locks } = scene.memory;
  for (const change of changes.values()) checkEnd(scene, change);
  for (const [host, { change }] of locks) {
    const holder = changes.get(change);
    holds(scene, holder !== undefined && isGivenUp(scene, holder), `${host} is still locked by ${change}`);
  }
}

function checkEnd(scene: Scene, change: Change): void {
  if (isGivenUp(scene, change)) return;
  const { id, state, reverts } = change;
  holds(scene, state.kind === 'ended', `${id} never ends: ${JSON.stringify(state)}`);
  if (state.kind !== 'ended') return;
  const { how } = state.end;
  const { ends } = scene.counts;
  ends[how] = (ends[how] ?? 0) + 1;
  const standing = standingAtEnd(scene, change);
  if (reverts !== null)
    holds(scene, how !== 'done' || standing === 'undone', `${id} has taken ${reverts} back, which is ${standing}`);
  else if (how === 'done')
    holds(
      scene,
      standing === (wasTaken(scene, id) ? 'undone' : 'kept'),
      `${id} is done, and its host says ${standing}`,
    );
  else holds(scene, !['trial', 'kept'].includes(standing), `${id} is ${how}, and its host says ${standing}`);
}

/** What the host says of it, or of what it takes back. */
function standingAtEnd({ hosts, clock }: Scene, { id, reverts, gates }: Change): string {
  const host = hosts.get(gates.at(-1)?.host ?? '') as SimHost;
  return standingOf(host, reverts ?? id, clock)?.kind ?? 'none';
}

function wasTaken({ memory }: Scene, id: ChangeId): boolean {
  const takers = [...memory.changes.values()].filter((each) => each.reverts === id);
  return takers.some(({ state }) => state.kind === 'ended' && state.end.how === 'done');
}
