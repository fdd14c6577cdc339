/** What each word of `npm run lab` does. */
import { spawn } from 'node:child_process';
import { sshArgv } from './enter.ts';
import { faultName } from './fault.ts';
import { allFaults, findFault } from './fault-catalogue.ts';
import { findLab, type Lab, openLab } from './lab.ts';
import { LabError } from './lab-error.ts';
import type { Variant } from './state.ts';
import { takeDown } from './take-down.ts';
import { readTouched } from './touched.ts';

export interface UpOptions {
  readonly variant: Readonly<Record<string, Variant>>;
}

/** Takes the lab down again when `signal` was aborted while it came up. */
export async function up(name: string, hosts: number, { variant }: UpOptions, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const lab = await openLab({ name, hosts, variants: variant, keep: true });
  if (signal.aborted) return lab.close();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const names = lab.hosts.map((host) => host.name);
  console.log(`${names.length} host${names.length === 1 ? '' : 's'} up in ${seconds} s: ${names.join(', ')}`);
  console.log(`configuration: ${lab.paths.config}`);
  console.log(`log in:        ssh -F ${lab.paths.sshConfig} ${names[0]}`);
}

export async function status(name: string): Promise<void> {
  const lab = await theLab(name);
  for (const { name: host, address, variant, pid1 } of lab.hosts) {
    const { status: answer } = await lab.exec(host, ['true']);
    const { faults } = await readTouched(lab.name, host);
    const health = answer === 0 ? `up, pid ${pid1}` : 'DEAD';
    console.log([host.padEnd(10), address.padEnd(14), variant.padEnd(8), health, ...faults].join(' '));
  }
}

/** Resolves with ssh's exit status. */
export async function ssh(name: string, host: string, command: readonly string[], user: string): Promise<number> {
  const lab = await theLab(name);
  const [program = 'ssh', ...args] = [...sshArgv(lab.paths, lab.host(host).name, user), ...command];
  const child = spawn(program, args, { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

export async function faults(): Promise<void> {
  for (const fault of await allFaults()) console.log(`${faultName(fault).padEnd(48)} ${fault.title}`);
}

export async function breakHost(name: string, id: string, host: string): Promise<void> {
  const lab = await theLab(name);
  const { fault, cast, reports } = await lab.provoke(await findFault(id), host);
  console.log(`${fault.title}.`);
  console.log([...cast].map(([role, player]) => `${role}: ${player.name}`).join(', '));
  for (const report of reports) console.log(JSON.stringify(report));
}

export async function heal(name: string, host?: string): Promise<void> {
  const lab = await theLab(name);
  await lab.heal(host);
  console.log(host === undefined ? 'all hosts healed' : `${host} healed`);
}

export async function down(names: readonly string[]): Promise<void> {
  const removed: string[] = [];
  for (const name of names) if (await takeDown(name)) removed.push(name);
  console.log(removed.length > 0 ? `removed: ${removed.join(', ')}` : 'nothing to remove');
}

async function theLab(name: string): Promise<Lab> {
  const lab = await findLab(name);
  if (lab) return lab;
  throw new LabError(`No lab called "${name}" is up: \`npm run lab -- up 5\` starts one.`);
}
