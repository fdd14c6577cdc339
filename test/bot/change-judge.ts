/** Judges a run of changes by the trail and the hosts alone: what was written, on whose word, and whether the record is true. */
import { isDeepStrictEqual } from 'node:util';
import type { AuditTrail } from '#app/change-ports.ts';
import { type AuditRecord, createVerifier } from '#change/audit.ts';
import { type Change, isOver, stageOf } from '#domain/change.ts';
import { EXPIRES_MINUTES, HOSTS, RULES, ruleOf } from './change-rules.ts';
import type { Application } from './change-wire.ts';
import type { ChangeWorld } from './change-world.ts';
import { readOrder } from './read-order.ts';

/** Sentences on what must not be; none = all is well. */
export async function judge(world: ChangeWorld): Promise<readonly string[]> {
  const { audit, changes } = world.store;
  const records = await allRecords(audit);
  const verifier = createVerifier();
  for (const record of records) verifier.take(record);
  const { broken } = verifier.result(await audit.head());
  const stored = await Promise.all(world.changes.map((id) => changes.find(id)));
  return [
    ...(broken === null ? [] : [`The chain breaks: ${JSON.stringify(broken)}.`]),
    ...stored.flatMap((change) => (change === undefined ? ['A change is gone.'] : judgeStory(change, records))),
    ...records.flatMap((record) => judgeSuperseded(record, records)),
    ...judgeTwice(world.wire.applications),
    ...world.wire.applications.flatMap((application) => judgeApplication(application, records)),
  ];
}

async function allRecords(audit: AuditTrail): Promise<readonly AuditRecord[]> {
  const all: AuditRecord[] = [];
  for await (const portion of audit.records()) all.push(...portion);
  return all;
}

/** Every transition has its record, and they lead from one state to the next, up to the one it is in. */
function judgeStory(change: Change, records: readonly AuditRecord[]): readonly string[] {
  const { id, revision } = change;
  const story = records.filter(({ change }) => change === id);
  const walked = story.every(({ from }, index) => from === (story[index - 1]?.to ?? null));
  return [
    ...(walked ? [] : [`${id}: a state does not follow from the one before.`]),
    ...(story.at(-1)?.to === stageOf(change)
      ? []
      : [`${id} is ${stageOf(change)}; its last record says ${story.at(-1)?.to}.`]),
    ...(story.length === revision + 1 ? [] : [`${id} moved ${revision} times; it has ${story.length} records.`]),
    ...story.flatMap((record, index) => judgeEnd(record, story.slice(0, index))),
    ...story.flatMap((record, index) => judgeSeen(record, story[index - 1])),
  ];
}

/** Who is named for an end has asked for it. */
function judgeEnd({ change, event, to, details }: AuditRecord, before: readonly AuditRecord[]): readonly string[] {
  if (event !== 'undone' || details['why'] !== 'person' || to !== 'undone') return [];
  const asked = before.some((one) => one.event === 'wish' && one.details['what'] === 'revert');
  return asked ? [] : [`${change}: ${event} because a person asked, and nobody did.`];
}

/** A person who approves has seen the plan that was there. */
function judgeSeen({ event, change, details }: AuditRecord, before: AuditRecord | undefined): readonly string[] {
  const unseen =
    event === 'approve' &&
    details['hash'] !== before?.hash &&
    before?.from !== 'working apply' &&
    before?.to === 'waiting apply';
  return unseen ? [`${change} was approved by somebody who saw another plan.`] : [];
}

/** What takes a proposal's place was proposed later. */
function judgeSuperseded({ change, event, details }: AuditRecord, records: readonly AuditRecord[]): readonly string[] {
  if (event !== 'supersede') return [];
  const proposed = (id: unknown) => records.findIndex((one) => one.event === 'propose' && one.change === id);
  return proposed(details['by']) > proposed(change) ? [] : [`${change} gave way to ${details['by']}, which is older.`];
}

function judgeTwice(applications: readonly Application[]): readonly string[] {
  const ids = applications.map(({ id }) => id);
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map((id) => `${id} was ordered twice.`);
}

function judgeApplication(application: Application, records: readonly AuditRecord[]): readonly string[] {
  const { id, host, order, policy, seq } = application;
  const before = records.filter((record) => record.seq <= seq);
  const story = before.filter(({ change }) => change === id);
  const [proposal, start] = [
    story[0],
    story.findLast(({ event, from }) => event === 'start' && from === 'queued apply'),
  ];
  if (proposal === undefined || start === undefined) return [`${id} was ordered without a proposal and a start.`];
  const { current, people } = approvalsOf(story.filter((record) => record.seq < start.seq));
  const alone = proposal.details['breakGlass'] === true;
  const rule = ruleOf(policy, host);
  const { seconds, steps } = readOrder(String(current.details['bound']));
  const enough = alone
    ? RULES[policy].breakers.some((breaker) => breaker === proposal.actor?.id)
    : people.filter((one) => one !== proposal.actor?.id && rule?.approvers.includes(one)).length >=
      (rule?.approvals ?? Number.POSITIVE_INFINITY);
  return [
    ...(enough && rule !== null ? [] : [`${id} was ordered under "${policy}" on the word of ${people.join(', ')}.`]),
    ...(start.hash === current.hash ? [] : [`${id} was ordered with another plan.`]),
    ...(Date.parse(start.at) < Date.parse(proposal.at) + EXPIRES_MINUTES * 60_000 ? [] : [`${id} had expired.`]),
    ...(!alone && frozenAt(start.seq, host, before) ? [`${id} was ordered while ${host} was frozen.`] : []),
    ...(isDeepStrictEqual(order.steps, steps) ? [] : [`${id} was ordered to write ${JSON.stringify(order.steps)}.`]),
    ...(order.seconds === seconds && seconds <= (rule?.longest ?? 0) * 60
      ? []
      : [`${id} was ordered for ${order.seconds} s.`]),
    ...judgeOverlap(application, start, before),
  ];
}

/** Who has approved the newest plan; one that has less in it begins anew. */
function approvalsOf(story: readonly AuditRecord[]) {
  let current = story[0] as AuditRecord;
  let people = new Set<string>();
  for (const record of story.filter(({ event, from }) => event === 'approve' && from === 'waiting apply')) {
    if (record.hash !== current.hash) people = new Set();
    current = record;
    people.add(record.actor?.id ?? '');
  }
  return { current, people: [...people] };
}

function frozenAt(seq: number, host: string, records: readonly AuditRecord[]): boolean {
  const frozen = new Set<unknown>();
  for (const { seq: number, event, details } of records) {
    if (number >= seq) break;
    if (event === 'freeze') frozen.add(details['group']);
    if (event === 'thaw') frozen.delete(details['group']);
  }
  return frozen.has('*') || HOSTS[host as keyof typeof HOSTS].some((group) => frozen.has(group));
}

const HAS_HOST = ['working apply', 'waiting keep', 'queued keep', 'working keep', 'unclear', 'working revert'];

/** One change on a host at a time, unless somebody has taken the lock away. */
function judgeOverlap(
  { id, host }: Application,
  start: AuditRecord,
  before: readonly AuditRecord[],
): readonly string[] {
  const states = new Map<string, AuditRecord>();
  for (const record of before) {
    if (record.seq >= start.seq) break;
    if (record.event === 'unlock' && record.host === host) states.clear();
    else if (record.host === host && record.change !== null) states.set(record.change, record);
  }
  return [...states]
    .filter(([other, { to }]) => other !== id && HAS_HOST.includes(to ?? ''))
    .map(([other, { to }]) => `${id} was begun while ${other} was ${to} on ${host}.`);
}

/** At any moment: what the record says is over is not under way on the host. */
export async function judgeNow(world: ChangeWorld): Promise<readonly string[]> {
  const all = await Promise.all(world.changes.map((id) => world.store.changes.find(id)));
  return all.flatMap((change) => {
    if (change === undefined || !isOver(change) || isKept(change) || change.reverts !== null) return [];
    const stands = world.hosts.get(change.host)?.stands().get(change.id);
    const untrue = stands === 'on-trial' || stands === 'kept';
    return untrue ? [`${change.id} is ${stageOf(change)}, while on ${change.host} it is ${stands}.`] : [];
  });
}

/** When everything has come to its end: nothing is under way, and each host has done what the record says. */
export async function judgeEnds(world: ChangeWorld): Promise<readonly string[]> {
  const { changes } = world.store;
  const found = await Promise.all(world.changes.map((id) => changes.find(id)));
  const all = found.filter((change) => change !== undefined);
  const active = (await changes.active()).map(({ id, state }) => `${id} is ${JSON.stringify(state)} and never ends.`);
  const untrue = all.flatMap((change) => {
    const stands = world.hosts.get(change.host)?.stands().get(change.id) ?? 'none';
    return expectedOf(change, all).includes(stands)
      ? []
      : [`${change.id} is ${stageOf(change)}, and on ${change.host} ${stands}.`];
  });
  const locks = await Promise.all([...world.hosts.keys()].map((host) => changes.lockOf(host)));
  const locked = locks.flatMap((lock) => (lock === undefined ? [] : [`${lock.change} has its host still.`]));
  return [...active, ...untrue, ...locked];
}

/** What was kept and taken back is gone; the host knows no change that takes another one back. */
function expectedOf(change: Change, all: readonly Change[]): readonly string[] {
  if (change.reverts !== null || !isKept(change)) return ['none', 'reverted'];
  const takers = all.filter(({ reverts }) => reverts === change.id);
  // One that failed or was let go may have done it all the same.
  if (takers.some((taker) => isKept(taker))) return ['reverted'];
  return takers.some((taker) => stageOf(taker) === 'abandoned') ? ['kept', 'reverted'] : ['kept'];
}

function isKept({ state }: Change): boolean {
  return state.kind === 'ended' && state.end.how === 'done';
}
