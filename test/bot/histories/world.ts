/** A random history: people press, workers work and are killed, hosts come and go, clocks jump. The use cases are the real ones. */
import { isOver } from '#domain/change.ts';
import {
  lookAfterUnclear,
  pressApprove,
  pressDeny,
  pressReview,
  pressWish,
  pressWithdraw,
  proposeSomething,
  takeSomethingBack,
} from './acts.ts';
import { checkEnds, checkWayBack } from './check-hosts.ts';
import { type Counts, createScene, isGivenUp, MINUTE, type Scene, SECOND } from './scene.ts';
import { goOnSomewhere, killOne } from './tasks.ts';
import { changeFreezes, changePolicy, forge, jump, troubleHost } from './troubles.ts';
import { proveSomething, reconcile, workOff, workOnce } from './workers.ts';

export interface World {
  readonly log: readonly string[];
  readonly counts: Counts;
  run(steps: number): Promise<void>;
}

type Step = (scene: Scene) => Promise<void> | void;

const SHORT = [1, 5, 20, 40, 80, 80, 120, 300];
const LONG = [5, 20, 40, 80, 120, 300, 300];

/** How often each is taken, beside the others. */
const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [8, proposeSomething],
  [2, takeSomethingBack],
  [30, pressApprove],
  [1, pressDeny],
  [1, pressWithdraw],
  [3, pressWish],
  [1, pressReview],
  [36, workOnce],
  [10, reconcile],
  [20, goOnSomewhere],
  [3, killOne],
  [6, (scene) => letTimePass(scene, scene.random.pick(scene.isLong ? LONG : SHORT) * SECOND)],
  [2, arrive],
  [1, jump],
  [1, changeFreezes],
  [1, changePolicy],
  [1, troubleHost],
  [1, lookAfterUnclear],
  [1, proveSomething],
  [1, forge],
];
const TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0);

export function createWorld(seed: number): World {
  const scene = createScene(seed);
  const { log, counts, memory, random } = scene;
  return {
    log,
    counts,
    async run(length) {
      const steps = scene.isLong ? 2 * length : length;
      for (let at = 0; at < steps; at++) {
        await pickStep(scene)(scene);
        if (scene.broken !== undefined) throw scene.broken;
        checkWayBack(scene);
        letTimePass(scene, random.int(4) * SECOND);
      }
      if (!memory.isForged) await settle(scene);
      counts.steps += steps;
      counts.records += memory.records;
      counts.changes += memory.changes.size;
    },
  };
}

function pickStep({ random }: Scene): Step {
  let weight = random.int(TOTAL);
  for (const [share, step] of STEPS) {
    weight -= share;
    if (weight < 0) return step;
  }
  throw new Error('The weights are wrong.');
}

/** An order that was on its way. */
function arrive({ late, clock }: Scene): void {
  const order = late.shift();
  if (order !== undefined && (order.until === null || clock <= order.until)) order.perform();
}

function letTimePass(scene: Scene, ms: number): void {
  scene.clock += ms;
}

/** Everything works again, and time passes: each change comes to an end, and what that says is true. */
async function settle(scene: Scene): Promise<void> {
  [scene.calm, scene.skew] = [true, 0];
  while (scene.late.length > 0) arrive(scene);
  scene.tasks.splice(0);
  for (const host of scene.hosts.values()) [host.up, host.refuses] = [true, false];
  for (let round = 0; round < 60 && !isSettled(scene); round++) {
    // A gate without a trial may stay open for half a day.
    letTimePass(scene, (round < 30 ? 2 : 60) * MINUTE);
    await reconcile(scene);
    await workOff(scene);
  }
  if (scene.broken !== undefined) throw scene.broken;
  checkEnds(scene);
}

function isSettled(scene: Scene): boolean {
  return [...scene.memory.changes.values()].every((each) => isOver(each) || isGivenUp(scene, each));
}
