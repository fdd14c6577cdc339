/** What workers do in a random history: the jobs of the queue, and the look for what is left lying. */
import { advance } from '#app/advance.ts';
import { reconcileChanges } from '#app/reconcile.ts';
import { remindOfReview } from '#app/review.ts';
import { transition } from '#app/transition.ts';
import type { ChangeId } from '#domain/change.ts';
import { pickChange } from './acts.ts';
import { checkWaits } from './check-hosts.ts';
import { holds, type Job, type Scene, type Task } from './scene.ts';
import { start } from './tasks.ts';
import { type Tools, toolsOf } from './tools.ts';

export async function workOnce(scene: Scene): Promise<void> {
  const { jobs, clock, calm, random } = scene;
  const due = jobs.filter((job) => job.due <= clock);
  if (due.length === 0) return;
  const job = random.pick(due);
  if (calm || random.chance(0.95)) jobs.splice(jobs.indexOf(job), 1);
  await begin(scene, job);
}

/** Every job that is due now. */
export async function workOff(scene: Scene): Promise<void> {
  const { jobs, clock } = scene;
  for (const job of jobs.filter(({ due }) => due <= clock)) {
    jobs.splice(jobs.indexOf(job), 1);
    await begin(scene, job);
  }
}

function begin(scene: Scene, job: Job): Promise<void> {
  return start(scene, `${job.task} ${job.id}`, (task) => work(scene, job, task), job.id);
}

async function work(scene: Scene, { id, task: what }: Job, task: Task): Promise<void> {
  const { memory, cancelled } = scene;
  const tools = toolsOf(scene, task);
  if (what === 'tell') return;
  if (what === 'remind') return remindOfReview(id, tools);
  if (what === 'prove') return prove(id, tools);
  const before = memory.changes.get(id);
  await advance(id, tools);
  if (task.alone && before?.state.kind === 'queued') checkWaits(scene, id);
  const isCancelled =
    task.alone && before?.state.kind === 'working' && before.state.wish !== null && before.reverts === null;
  holds(scene, !isCancelled || cancelled.has(id), `${id} was cancelled, and its host was not told`);
}

async function prove(id: ChangeId, tools: Tools): Promise<void> {
  await transition(
    id,
    { kind: 'proved', proof: { at: tools.now(), before: null, after: {}, verdict: 'cured' } },
    tools,
  );
}

export async function proveSomething(scene: Scene): Promise<void> {
  const change = pickChange(scene);
  if (change !== undefined) await start(scene, `prove ${change.id}`, (task) => prove(change.id, toolsOf(scene, task)));
}

export function reconcile(scene: Scene): Promise<void> {
  return start(scene, 'reconcile', (task) => reconcileChanges({ ...toolsOf(scene, task), onTrouble }));
}

function onTrouble(_: string, error: unknown): void {
  throw error;
}
