/** Whether changes were lost or doubled: what the trail says of each, against what the hosts themselves have in their journals. */
import type { ChangeStore } from '#app/change-ports.ts';
import { type AuditRecord, createVerifier } from '#change/audit.ts';
import type { Lab } from '#lab/lab.ts';

export interface Count {
  readonly proposed: number;
  /** Changes that their host has written once, and undone once. */
  readonly applied: number;
  /** Sentences on what must not be; none = all is well. */
  readonly wrong: readonly string[];
}

/** When everything has come to its end. */
export async function countChanges(lab: Lab, hosts: readonly string[], store: ChangeStore): Promise<Count> {
  const records: AuditRecord[] = [];
  for await (const portion of store.audit.records()) records.push(...portion);
  const verifier = createVerifier();
  for (const record of records) verifier.take(record);
  const { broken } = verifier.result(await store.audit.head());
  const proposed = records.filter(({ event }) => event === 'propose');
  const journals = new Map((await Promise.all(hosts.map((host) => journalsOf(lab, host)))).flat());
  const known = new Set(proposed.map(({ change }) => change));
  const active = await store.changes.active();
  const locks = await Promise.all(hosts.map((host) => store.changes.lockOf(host)));
  return {
    proposed: proposed.length,
    applied: [...journals.values()].filter((journal) => times('wrote', journal) === 1).length,
    wrong: [
      ...(broken === null ? [] : [`The chain breaks: ${JSON.stringify(broken)}.`]),
      ...proposed.flatMap(({ change }) => judgeOne(change ?? '', records, journals)),
      ...[...journals.keys()].filter((id) => !known.has(id)).map((id) => `${id} is on a host, and in no record.`),
      ...active.map(({ id, state }) => `${id} is ${state.kind} still.`),
      ...locks.flatMap((lock) => (lock === undefined ? [] : [`${lock.change} has its host still.`])),
    ],
  };
}

/** Every one was applied, once by the trail and once by its host, and undone. */
function judgeOne(
  id: string,
  records: readonly AuditRecord[],
  journals: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const story = records.filter(({ change }) => change === id).map(({ event }) => event);
  const journal = journals.get(id) ?? [];
  const once = (events: readonly string[], what: string, whose: string) =>
    times(what, events) === 1 ? [] : [`${id}: ${whose} says "${what}" ${times(what, events)} times.`];
  return [
    ...['start', 'done', 'undone'].flatMap((event) => once(story, event, 'the trail')),
    ...(story.at(-1) === 'undone' ? [] : [`${id} ends with "${story.at(-1)}".`]),
    ...['applying', 'wrote', 'reverted'].flatMap((event) => once(journal, event, 'its host')),
  ];
}

function times(what: string, events: readonly string[]): number {
  return events.filter((event) => event === what).length;
}

/** By change: the first word of each line that the helper wrote. */
async function journalsOf(lab: Lab, host: string): Promise<readonly (readonly [string, readonly string[]])[]> {
  const script = 'cd /var/lib/tcp-oncall/changes && for id in *; do sed "s/^/$id /" "$id/journal"; done';
  const { status, stdout, stderr } = await lab.exec(host, ['sh', '-c', script]);
  if (status !== 0) throw new Error(`The journals of ${host} cannot be read: ${stderr}`);
  const journals = new Map<string, string[]>();
  for (const line of stdout.trim().split('\n')) {
    const [id = '', , event = ''] = line.split(' ');
    journals.set(id, [...(journals.get(id) ?? []), event]);
  }
  return [...journals];
}
