/** What the use cases work with in a random history. */
import type { AdvanceTools } from '#app/advance-ports.ts';
import type { DecideTools } from '#app/decide-ports.ts';
import type { Copied, CopyWanted } from '#app/ports.ts';
import type { ProposeTools } from '#app/propose.ts';
import { boundOf } from '#change/bound.ts';
import type { AnyKind } from '#change/kind.ts';
import { NOTHING_SAID, progressMark } from '#change/progress.ts';
import { isOver } from '#domain/change.ts';
import { hostNamed } from '../host-named.ts';
import { GROUPS, KEYS } from './people.ts';
import { KINDS, nowIn, type Scene, type Task } from './scene.ts';
import { write } from './store.ts';
import { pause } from './tasks.ts';
import { runOn } from './wire.ts';

export type Tools = AdvanceTools & DecideTools & ProposeTools;

export function toolsOf(scene: Scene, task: Task): Tools {
  return {
    changes: changesOf(scene, task),
    freezes: freezesOf(scene, task),
    // What is shown nowhere has no card.
    cards: {} as ProposeTools['cards'],
    kinds: KINDS,
    queue: queueOf(scene, task),
    announce: async () => {},
    run: (host, command) => runOn(scene, task, host, command),
    copy: (wanted) => copyIn(scene, task, wanted),
    read: async () => ({ kind: 'read', bytes: Buffer.from(`file\t${'c'.repeat(64)}\t7\tx.deb\n`) }),
    word: () => 'w0rd',
    policy: task.policy,
    keys: KEYS,
    findHost: async (name) => hostNamed(name, groupsOf(name)),
    groupsOf,
    now: () => nowIn(scene),
  };
}

/** Something may be in its way, or it takes longer. */
async function copyIn({ random, calm, hosts }: Scene, task: Task, { from, to }: CopyWanted): Promise<Copied> {
  await pause(task);
  const away = [from, to].find(({ host }) => hosts.get(host.name)?.up === false);
  if (away !== undefined) return { kind: 'away', host: away.host.name, why: 'unreachable' };
  const fate = calm ? 9 : random.int(30);
  if (fate === 0) return { kind: 'failed', failure: { code: 'wrong-hash', detail: '' } };
  return fate < 6 ? { kind: 'under-way', bytes: fate, of: 7 } : { kind: 'copied' };
}

function groupsOf(host: string): readonly string[] {
  return GROUPS[host] ?? [];
}

function changesOf({ memory, presses, started, begins, log }: Scene, task: Task): Tools['changes'] {
  const all = () => [...memory.changes.values()];
  return {
    async propose(change, entry) {
      await pause(task);
      const done = write(memory, null, change, entry);
      const text = boundOf(KINDS.get(change.kind) as AnyKind, change, 0) ?? '';
      if (task.breaker !== null) presses.push({ by: task.breaker, text, signature: null, at: null });
      return done === 'repeated' ? 'repeated' : 'done';
    },
    async commit(before, after, entry) {
      if (entry.event === 'start') {
        [task.began, task.ruled] = [new Date(entry.at), after.host];
        started.set(after.id, task);
        begins.set(task, after.id);
      }
      await pause(task);
      const done = write(memory, before, after, entry);
      if (done === 'done') log.push(`  ${task.name}: ${after.id} ${entry.event} -> ${entry.to}`);
      return done as 'done' | 'stale' | 'locked';
    },
    find: async (id) => memory.changes.get(id),
    active: async () => all().filter((each) => !isOver(each)),
    ofHost: async (host) =>
      all()
        .filter((each) => each.host === host)
        .toReversed(),
    takerOf: async (id) => all().findLast(({ reverts }) => reverts === id),
    recent: async () => all().toReversed(),
    progressOf: async ({ id }) => memory.progress.get(id) ?? NOTHING_SAID,
    async keepProgress({ id, revision }, progress) {
      await pause(task);
      const known = memory.progress.get(id) ?? NOTHING_SAID;
      if (memory.changes.get(id)?.revision !== revision || progressMark(known) === progressMark(progress)) return false;
      memory.progress.set(id, progress);
      return true;
    },
    alone: (_id, work) => work(),
    keepFile: async () => {},
    fileOf: async () => undefined,
    filesOf: async () => [],
    lockOf: async (host) => memory.locks.get(host),
    unlock: async () => false,
  };
}

function freezesOf({ memory }: Scene, task: Task): Tools['freezes'] {
  return {
    async list() {
      const list = [...memory.freezes.values()];
      task.frozen = list.map(({ group }) => group);
      await pause(task);
      return list;
    },
    freeze: async () => {},
    thaw: async () => false,
  };
}

function queueOf(scene: Scene, task: Task): Tools['queue'] {
  return {
    async add(id, kind, key, delayMs = 0) {
      await pause(task);
      const name = `${id} ${kind} ${key}`;
      if (scene.queued.has(name)) return;
      scene.queued.add(name);
      scene.jobs.push({ id, task: kind, due: scene.clock + delayMs });
    },
  };
}
