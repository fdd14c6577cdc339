/** What else happens in a random history: hosts fail, clocks jump, freezes and policies change, somebody writes into the store. */
import { isOver } from '#domain/change.ts';
import { pickChange } from './acts.ts';
import { forgeChange } from './forge.ts';
import { forget, reboot } from './hosts.ts';
import { policyOf } from './people.ts';
import { MINUTE, nowIn, type Scene, SECOND } from './scene.ts';

/** The clock of workers is set, forward or back. */
export function jump(scene: Scene): void {
  scene.hasJumped = true;
  scene.skew = scene.random.pick([0, 0, 0, -90 * SECOND, 90 * SECOND, -40 * MINUTE, 40 * MINUTE]);
  scene.log.push(`  clock off by ${scene.skew / SECOND} s`);
}

export function changePolicy(scene: Scene): void {
  scene.policy = policyOf(scene.random);
}

export function changeFreezes(scene: Scene): void {
  const { random, memory } = scene;
  const group = random.pick(['web', 'db', '*']);
  if (memory.freezes.has(group) || random.chance(0.4)) memory.freezes.clear();
  else memory.freezes.set(group, { group, by: 'U0ADMIN', since: nowIn(scene) });
}

export function troubleHost({ hosts, random, clock, lost, log }: Scene): void {
  const host = random.pick([...hosts.values()]);
  const what = random.int(12);
  if (what < 4) host.up = !host.up;
  else if (what < 8) host.refuses = !host.refuses;
  else if (what < 11) reboot(host, clock);
  else {
    for (const id of host.changes.keys()) lost.add(id);
    forget(host);
  }
  log.push(`  ${host.name}: trouble ${what}`);
}

/** Somebody who can write to the store makes another change of one that people look at. */
export function forge(scene: Scene): void {
  const { memory, random, mayForge, log, jobs, clock } = scene;
  const change = pickChange(scene);
  if (change === undefined || isOver(change) || !mayForge) return;
  memory.isForged = true;
  const forged = forgeChange(change, random, [...memory.changes.values()]);
  log.push(`  forged: ${JSON.stringify(forged)}`);
  memory.changes.set(change.id, forged);
  if (forged.state.kind === 'queued') jobs.push({ id: change.id, task: 'advance', due: clock });
}
