/** Orders to hosts: one may be lost, come late, or be done with its answer lost. */
import type { Command, CommandEnd, CommandResult } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { NO_OUTPUT } from '../command-results.ts';
import { beganOn, checkLength } from './check-hosts.ts';
import { checkOrder } from './check-order.ts';
import { type HostWatch, isBooting, readOrder, type SimHost, type Told, tell } from './hosts.ts';
import { MINUTE, type Scene, SECOND, type Task } from './scene.ts';
import { pause } from './tasks.ts';

export async function runOn(scene: Scene, task: Task, { name }: Host, command: Command): Promise<CommandResult> {
  const { hosts, cancelled } = scene;
  await pause(task);
  const host = hosts.get(name) as SimHost;
  const { hostKey = host.key } = command;
  if (!host.up && task.subject !== null) cancelled.add(task.subject);
  if (!host.up || isBooting(host, scene.clock)) return output('', { kind: 'unreachable', why: 'x' }, null);
  if (hostKey !== host.key)
    return output('', { kind: 'host-key-other', hop: name, fingerprint: host.key, wanted: hostKey }, host.key);
  if (isProbe(command)) return output('', { kind: 'exited', code: 0 }, host.key);
  const told = readOrder(command);
  checkOrder(scene, task, host, told, command);
  if (task.subject !== null && ['cancel', 'status', 'revert', 'look', 'prepared'].includes(told.verb))
    cancelled.add(task.subject);
  const answer = send(scene, task, host, told);
  await pause(task);
  return answer;
}

/** Whether the host answers, before work that may wait for it. */
function isProbe({ input }: Command): boolean {
  return input.kind === 'argv' && input.argv[0] === 'true';
}

/** Who has lost its connection sends nothing for longer than this. */
const LATEST = 5 * MINUTE;

function send(scene: Scene, task: Task, host: SimHost, told: Told): CommandResult {
  const { calm, random, late, log, isLong } = scene;
  const fate = calm ? 9 : random.int(isLong ? 40 : 10);
  const perform = () => tell(host, told, watch(scene, task));
  if (fate === 0) return output('', { kind: 'connection-lost', why: 'x' }, host.key);
  if (fate === 1)
    late.push({
      perform,
      until: told.program.startsWith('kernel') || told.program === 'runner' ? scene.clock + LATEST : null,
    });
  if (fate === 1) return output('', { kind: 'timed-out' }, host.key);
  const said = perform();
  log.push(`  ${host.name} <- ${told.verb} ${told.id}: ${said.replaceAll('\n', ' | ').replaceAll('w0rd ', '')}`);
  checkLength(scene, host, told.id);
  return fate === 2 ? output('', { kind: 'timed-out' }, host.key) : output(said, { kind: 'exited', code: 0 }, host.key);
}

function output(stdout: string, end: CommandEnd, hostKey: string | null): CommandResult {
  return { ...NO_OUTPUT, stdout, bytes: stdout.length, hostKey, ...end };
}

function watch(scene: Scene, { subject }: Task): HostWatch {
  return {
    now: scene.clock,
    buildMs: 1000 + scene.random.int(200) * SECOND,
    began: (host, work) => beganOn(scene, subject, host, work),
  };
}
