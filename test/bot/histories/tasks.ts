/** What is under way in a random history: it stands still where another could come between, goes on, or is killed there. */
import type { ChangeId } from '#domain/change.ts';
import { nowIn, type Scene, type Task } from './scene.ts';

/** Where another could come between. */
export function pause(task: Task): Promise<void> | undefined {
  if (task.alone) return undefined;
  return new Promise((resolve) => {
    task.resume = resolve;
    task.parked();
  });
}

/** Runs until it is over, or stops somewhere. */
export function start(
  scene: Scene,
  name: string,
  work: (task: Task) => Promise<unknown>,
  subject: ChangeId | null = null,
): Promise<void> {
  const { tasks, policy, calm, random, isLong } = scene;
  const task: Task = {
    name,
    subject,
    breaker: null,
    policy,
    frozen: [],
    began: nowIn(scene),
    ruled: null,
    alone: calm || random.chance(isLong ? 0.9 : 0.6),
    resume: undefined,
    parked: () => {},
  };
  return new Promise((done) => {
    task.parked = done;
    tasks.push(task);
    work(task)
      .catch((error: unknown) => {
        scene.broken ??= error;
      })
      .then(() => {
        const at = tasks.indexOf(task);
        if (at >= 0) tasks.splice(at, 1);
        task.parked();
      });
  });
}

export async function goOnSomewhere({ tasks, random }: Scene): Promise<void> {
  const stopped = tasks.filter(({ resume }) => resume !== undefined);
  if (stopped.length > 0) await goOn(random.pick(stopped));
}

function goOn(task: Task): Promise<void> {
  return new Promise((done) => {
    task.parked = done;
    const go = task.resume;
    task.resume = undefined;
    go?.();
  });
}

export function killOne({ tasks, random, counts, log }: Scene): void {
  const stopped = tasks.filter(({ resume }) => resume !== undefined);
  if (stopped.length === 0) return;
  const task = random.pick(stopped);
  tasks.splice(tasks.indexOf(task), 1);
  counts.killed += 1;
  log.push(`  killed: ${task.name}`);
}
